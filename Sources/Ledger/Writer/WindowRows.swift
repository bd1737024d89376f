import Accounting
import Postgres

/// The rows of budget windows.
enum WindowRows {
    /// Creates the rows of windows that have none. A window opens with its budget's limit and nothing spent; what the one
    /// before has left it inherits from maintenance (`CarryOver`). Spending
    /// from before the budget was made is in the budget's first window, which is opened together with the budget.
    struct Opening {
        /// In the order of their rows, each with its value as it is stored.
        private let keys: [(key: WindowKey, value: String)]

        /// Nil where there is nothing to open.
        init?(_ keys: Set<WindowKey>) {
            if keys.isEmpty { return nil }
            self.keys = keys.map { ($0, $0.value.text) }.sorted {
                ($0.key.budgetNumber, $0.key.span.start, $0.value) < ($1.key.budgetNumber, $1.key.span.start, $1.value)
            }
        }

        private var numbers: [Int64] { keys.map(\.key.budgetNumber) }
        private var starts: [Timestamp] { keys.map(\.key.span.start) }
        private var values: [String] { keys.map(\.value) }

        var insert: SQL {
            """
            INSERT INTO budget_window (budget_number, starts_at, value, ends_at, limit_amount)
            SELECT k.budget_number, k.starts_at, k.value, k.ends_at, window_limit(b, k.starts_at, k.ends_at, 0)
            FROM unnest(\(numbers), \(starts), \(values), \(keys.map(\.key.span.end)))
                AS k(budget_number, starts_at, value, ends_at)
            JOIN budget b USING (budget_number)
            ORDER BY 1, 2, 3
            ON CONFLICT DO NOTHING
            """
        }

        /// The ids of the windows, each with the place of its key.
        var select: SQL {
            """
            SELECT w.window_id, k.place FROM unnest(\(numbers), \(starts), \(values))
                WITH ORDINALITY AS k(budget_number, starts_at, value, place)
            JOIN budget_window w USING (budget_number, starts_at, value)
            """
        }

        /// The ids in the answer to `select`.
        func ids(_ rows: Rows) throws -> [WindowKey: Int64] {
            var ids: [WindowKey: Int64] = [:]
            for row in rows {
                let (id, place) = try row.decode((Int64, Int64).self)
                ids[keys[Int(place) - 1].key] = id
            }
            return ids
        }
    }

    static func open(_ keys: Set<WindowKey>, _ transaction: borrowing Transaction) throws -> [WindowKey: Int64] {
        guard let opening = Opening(keys) else { return [:] }
        try transaction.execute(opening.insert)
        return try opening.ids(transaction.query(opening.select))
    }

    /// The ids of those windows that are there.
    static func find(_ keys: Set<WindowKey>, _ transaction: borrowing Transaction) throws -> [WindowKey: Int64] {
        guard let opening = Opening(keys) else { return [:] }
        return try opening.ids(transaction.query(opening.select))
    }

    /// Locks the rows in the order of their ids, as all transactions do. `NO KEY UPDATE` does not conflict with the key
    /// share locks of rows that refer to these windows, which come in any order.
    static func lock(_ ids: [Int64]) -> SQL {
        "SELECT 1 FROM budget_window WHERE window_id = ANY(\(ids)) ORDER BY window_id FOR NO KEY UPDATE"
    }

    /// How many microseconds a statement has taken until now. Where it only locks rows, that is how long it waited.
    static let waited: SQL = "(1000000 * EXTRACT(epoch FROM clock_timestamp() - statement_timestamp()))::bigint"

    /// The window facts from the view of one replica, with its own lease apart from those of others.
    static func facts(_ ids: [Int64], replicaID: Int64, _ transaction: borrowing Transaction) throws -> [WindowFacts] {
        try decodeFacts(transaction.query(facts(ids, replicaID: replicaID)))
    }

    static func facts(_ ids: [Int64], replicaID: Int64) -> SQL {
        """
        SELECT w.window_id, w.budget_number, w.starts_at, w.ends_at, w.value, w.limit_amount, w.spent, w.leased,
            COALESCE(l.amount, 0), g.amount, g.returns_at,
            (SELECT min(leaves_at) FROM window_slot s WHERE s.window_id = w.window_id), w.recall, g.owes_answer, w.revision
        FROM window_total w
        LEFT JOIN lease l ON l.window_id = w.window_id AND l.replica_id = \(replicaID)
        CROSS JOIN LATERAL (
            SELECT COALESCE(sum(o.amount) FILTER (WHERE NOT lives), 0)::bigint AS amount,
                min(r.heartbeat_at + make_interval(secs => r.lease_seconds + \(ReplicaRegistry.driftSeconds)
                    + o.longest_hold_seconds)) FILTER (WHERE NOT lives) AS returns_at,
                COALESCE(bool_or(lives AND o.recall < w.recall), false) AS owes_answer
            FROM lease o JOIN replica r USING (replica_id)
            CROSS JOIN LATERAL (SELECT \(sql: lives) AS lives) s
            WHERE o.window_id = w.window_id AND o.amount > 0 AND o.replica_id <> \(replicaID)
        ) g
        WHERE w.window_id = ANY(\(ids))
        """
    }

    private static let lives: SQL =
        "r.state = 'live' AND r.heartbeat_at > clock_timestamp() - make_interval(secs => r.lease_seconds)"

    /// What replicas that have ended lease of the window `w`.
    static let leasedByEnded: SQL = """
        SELECT COALESCE(sum(o.amount), 0)::bigint FROM lease o JOIN replica r USING (replica_id)
        WHERE o.window_id = w.window_id AND o.amount > 0 AND NOT (\(sql: lives))
        """

    /// The leases of the window `w` whose replicas live and have not answered its last revocation, but for one replica.
    static func owedAnswers(to replicaID: Int64) -> SQL {
        """
        SELECT 1 FROM lease o JOIN replica r USING (replica_id)
        WHERE o.window_id = w.window_id AND o.amount > 0 AND o.replica_id <> \(replicaID) AND o.recall < w.recall
            AND \(sql: lives)
        """
    }

    static func decodeFacts(_ rows: Rows) throws -> [WindowFacts] {
        try rows.map { row in
            let (
                id, number, start, end, value, limit, spent, leased, here, gone, returnsAt, leavesAt, recall,
                owesAnswer,
                revision
            ) =
                try row.decode(
                    (
                        Int64, Int64, Timestamp, Timestamp?, String, Int64, Int64, Int64, Int64, Int64, Timestamp?,
                        Timestamp?, Int64, Bool, Int64
                    ).self)
            return WindowFacts(
                windowID: id,
                key: WindowKey(
                    budgetNumber: number, span: WindowSpan(start: start, end: end),
                    value: WindowValue(text: value) ?? .none),
                limit: limit, spent: spent, leased: leased, leasedHere: here, leasedByGone: gone,
                goneReturnsAt: returnsAt, leavesAt: leavesAt, revocation: recall, isRevocationUnderWay: owesAnswer,
                revision: revision)
        }
    }
}
