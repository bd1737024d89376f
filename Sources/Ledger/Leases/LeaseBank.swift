import Accounting
import Postgres

/// Grants and takes back leases: one transaction a round, however many calls wait for it.
struct LeaseBank {
    let replicaID: Int64

    /// What one round asks for.
    struct Round {
        let number: Int64
        let asks: [LeaseAsk]
        let standing: Desk.LeaseStanding
        /// Idle money by window, out of this replica's memory already.
        let givenBack: [Int64: Int64]
    }

    struct Result {
        let facts: [WindowFacts]
        let plan: GrantPlan
    }

    /// The replica was declared gone: it must fence itself and register anew.
    struct Gone: Error {}

    /// The commit of a round was sent but not answered: this is what it comes to if it was done (`wasCommitted`).
    struct Unanswered: Error { let result: Result }

    private static let roundLock: Int32 = 7215

    func grant(_ round: Round, on connection: Connection) throws -> Result {
        var result: Result?
        do {
            return try connection.transaction { transaction in
                let written = try write(round, transaction)
                result = written
                return written
            }
        } catch let error as PostgresError where error.kind == .unknownOutcome {
            throw result.map(Unanswered.init) ?? error
        }
    }

    private func write(_ round: Round, _ transaction: borrowing Transaction) throws -> Result {
        try beginRound(transaction)
        let opened = try WindowRows.open(Set(round.asks.flatMap(\.opens)), transaction)
        let asked = round.asks.flatMap { $0.alternatives.flatMap { $0.map(\.windowID) } }
        let windows = Set(asked).union(round.standing.headroom.keys).union(round.givenBack.keys).sorted()
        // Leases before windows, as everyone locks them.
        try lockLeases(windows, transaction)
        if !windows.isEmpty { try WindowRows.lock(windows, transaction) }
        let before = try WindowRows.facts(windows, replicaID: replicaID, transaction)
        let available = Dictionary(
            uniqueKeysWithValues: before.map {
                ($0.windowID, $0.limit - $0.spent - $0.leased + (round.givenBack[$0.windowID] ?? 0))
            })
        let plan = GrantPlan(
            asks: round.asks, free: round.standing.free, available: available,
            headroom: round.standing.headroom)
        try change(windows, plan, round, transaction)
        let all = Set(windows).union(opened.values).sorted()
        return Result(facts: try WindowRows.facts(all, replicaID: replicaID, transaction), plan: plan)
    }

    /// Whether a round was committed whose commit was sent but not answered.
    func wasCommitted(_ round: Round, on connection: Connection) throws -> Bool {
        try connection.transaction { transaction in
            try beginRound(transaction)
            return try transaction.query(
                "SELECT 1 FROM lease WHERE replica_id = \(replicaID) AND round >= \(round.number) LIMIT 1"
            ).isEmpty == false
        }
    }

    private func beginRound(_ transaction: borrowing Transaction) throws {
        // A round sent again waits until the first attempt has ended one way or the other. Calls wait for it, so nothing
        // that it waits for itself may take long.
        try transaction.execute(
            """
            SELECT set_config('lock_timeout', '200ms', true),
                pg_advisory_xact_lock(\(Self.roundLock), \(Int32(truncatingIfNeeded: replicaID)))
            """)
        let live = try transaction.query(
            "SELECT 1 FROM replica WHERE replica_id = \(replicaID) AND state = 'live' FOR SHARE")
        guard !live.isEmpty else { throw Gone() }
    }

    private func lockLeases(_ windows: [Int64], _ transaction: borrowing Transaction) throws {
        guard !windows.isEmpty else { return }
        try transaction.execute(
            """
            INSERT INTO lease (replica_id, window_id, amount) SELECT \(replicaID), w, 0 FROM unnest(\(windows)) AS w
            ORDER BY w ON CONFLICT DO NOTHING
            """)
        try transaction.execute(
            """
            SELECT 1 FROM lease WHERE replica_id = \(replicaID) AND window_id = ANY(\(windows))
            ORDER BY window_id FOR UPDATE
            """)
    }

    private func change(
        _ windows: [Int64], _ plan: GrantPlan, _ round: Round, _ transaction: borrowing Transaction
    ) throws {
        guard !windows.isEmpty else { return }
        let changes = windows.map { (plan.grants[$0] ?? 0) - (round.givenBack[$0] ?? 0) }
        try transaction.execute(
            """
            UPDATE lease SET amount = lease.amount + c.change, round = \(round.number),
                longest_hold_seconds = GREATEST(lease.longest_hold_seconds, c.seconds)
            FROM unnest(\(windows), \(changes), \(windows.map { plan.longestHoldSeconds[$0] ?? 0 }))
                AS c(window_id, change, seconds)
            WHERE lease.replica_id = \(replicaID) AND lease.window_id = c.window_id
            """)
        try transaction.execute(
            """
            UPDATE budget_window w SET leased = w.leased + c.change, revision = w.revision + 1
            FROM unnest(\(windows), \(changes)) AS c(window_id, change)
            WHERE w.window_id = c.window_id AND c.change <> 0
            """)
    }
}
