import Accounting
import Postgres
import Synchronization

/// Deletes rows whose promised retention is over, a bounded portion at a time, found by their age through an index.
enum Retention {
    /// Ids are remembered for at least 35 days. Five more days allow for clock differences and long months.
    static let keyDays: Int32 = 40
    /// Entries may be up to 400 days late, so nothing charges a window, and no verdict is counted, this long after.
    static let windowDays: Int32 = 430
    /// Nothing is left in the leases of a replica that ended this long ago but what its last holds need.
    private static let endedReplicaMinutes: Int32 = 15
    private static let rowsAPortion: Int64 = 10_000

    /// Whether a portion was full, so that more may be due.
    static func portion(_ rows: Int) -> MaintenanceTask.Portion {
        MaintenanceTask.Portion(rows: rows, hasMore: rows >= Int(rowsAPortion))
    }

    /// Deletes one portion of a table's rows, the oldest first.
    private static func delete(
        from table: String, by age: String, days: Int32, _ connection: Connection
    ) throws -> Int {
        try connection.execute(
            """
            DELETE FROM \(identifier: table) WHERE ctid = ANY(ARRAY(
                SELECT ctid FROM \(identifier: table)
                WHERE \(identifier: age) < now() - make_interval(days => \(days))
                ORDER BY \(identifier: age) LIMIT \(rowsAPortion)))
            """)
    }

    static func keys(_ connection: Connection) throws -> Int {
        try delete(from: "entry_key", by: "recorded_at", days: keyDays, connection)
    }

    /// A hold lives one hour at most. This long after, its outcome row no longer decides anything.
    static func holdEnds(_ connection: Connection) throws -> Int {
        try delete(from: "hold_end", by: "ended_at", days: keyDays, connection)
    }

    static func handedOverHolds(_ connection: Connection) throws -> Int {
        try delete(from: "handed_over", by: "expires_at", days: keyDays, connection)
    }

    /// What open holds were given longer ago than any hold lives.
    static func holdExtensions(_ connection: Connection) throws -> Int {
        try delete(from: "hold_extension", by: "expires_at", days: 1, connection)
    }

    /// What lets a token's request come twice.
    static func tokenRequests(_ connection: Connection) throws -> Int {
        try delete(from: "token_request", by: "made_at", days: TokenRequest.days, connection)
    }

    /// How the calls of long ago were answered.
    static func verdictCounts(_ connection: Connection) throws -> Int {
        try delete(from: "verdict_count", by: "day", days: windowDays, connection)
    }

    /// Verdicts and what came of them, call for call.
    static func verdictPages(days: Int32, _ connection: Connection) throws -> Int {
        try delete(from: "verdict_page", by: "last_at", days: days, connection)
    }

    /// Empty leases of replicas that have ended.
    static func leasesOfEndedReplicas(_ connection: Connection) throws -> Int {
        try connection.execute(
            """
            DELETE FROM lease WHERE ctid = ANY(ARRAY(
                SELECT l.ctid FROM replica r CROSS JOIN LATERAL (
                    SELECT ctid FROM lease WHERE replica_id = r.replica_id AND amount = 0 LIMIT \(rowsAPortion)) l
                WHERE r.state <> 'live' AND r.heartbeat_at < now() - make_interval(mins => \(endedReplicaMinutes))
                LIMIT \(rowsAPortion)))
            """)
    }

    /// Windows that were over long ago, with what is left of their alerts.
    static func windows(_ connection: Connection) throws -> Int {
        try connection.transaction { transaction in
            let over = try transaction.query(
                """
                SELECT window_id FROM budget_window w
                WHERE ends_at < now() - make_interval(days => \(windowDays)) AND leased = 0
                    AND opening_due_version IS NULL
                    AND NOT EXISTS (SELECT 1 FROM lease WHERE window_id = w.window_id AND amount > 0)
                    AND NOT EXISTS (SELECT 1 FROM uncollected_charge WHERE window_id = w.window_id)
                ORDER BY ends_at LIMIT \(rowsAPortion / 10) FOR UPDATE SKIP LOCKED
                """
            ).map { try $0.decode(Int64.self, at: 0) }
            guard !over.isEmpty else { return 0 }
            try transaction.execute("DELETE FROM lease WHERE window_id = ANY(\(over))")
            try transaction.execute(
                "DELETE FROM alert_delivery WHERE alert_id IN (SELECT alert_id FROM alert WHERE window_id = ANY(\(over)))"
            )
            try transaction.execute("DELETE FROM alert WHERE window_id = ANY(\(over))")
            return try transaction.execute("DELETE FROM budget_window WHERE window_id = ANY(\(over))")
        }
    }

    /// Drops one month of raw usage objects that are older than they are kept. Returns whether there was one.
    static func rawUsage(days: Int32, _ connection: Connection) throws -> Bool {
        let old: String? = try connection.query(
            """
            SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'raw_usage'::regclass AND c.relname ~ '^raw_usage_[0-9]{4}_[0-9]{2}$'
                AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' < now() - make_interval(days => \(days))
                AND EXISTS (SELECT 1 FROM raw_usage u
                    WHERE u.booking_month = to_date(right(c.relname, 7), 'YYYY_MM') LIMIT 1)
            ORDER BY c.relname LIMIT 1
            """
        ).first?.decode(at: 0)
        guard let old else { return false }
        // The partition stays, empty: a call that comes late may still be booked into its month.
        try connection.execute("TRUNCATE \(identifier: old)")
        return true
    }
}

/// Deletes the empty leases of windows that are over, also those of replicas that live. It goes through the windows in
/// the order of their ends, once.
final class EndedWindowLeases: Sendable {
    private static let windowsAPortion: Int64 = 2_000

    private let position = Mutex<(endsAt: Timestamp, windowID: Int64)>((Timestamp(seconds: 0), 0))

    func delete(_ connection: Connection) throws -> MaintenanceTask.Portion {
        let (endsAt, windowID) = position.withLock { $0 }
        // A lease of a window that ended a day ago holds nothing any more: a hold lives one hour at most. Nobody asks for
        // more of it either: a grant batch must not lose a row between making it and locking it.
        let windows = try connection.query(
            """
            SELECT window_id, ends_at FROM budget_window
            WHERE ends_at < now() - interval '1 day' AND (ends_at, window_id) > (\(endsAt), \(windowID))
            ORDER BY ends_at, window_id LIMIT \(Self.windowsAPortion)
            """
        ).map { try $0.decode((Int64, Timestamp).self) }
        guard let last = windows.last else { return MaintenanceTask.Portion(rows: 0) }
        let deleted = try connection.execute(
            "DELETE FROM lease WHERE window_id = ANY(\(windows.map(\.0))) AND amount = 0")
        position.withLock { $0 = (last.1, last.0) }
        return MaintenanceTask.Portion(rows: deleted, hasMore: windows.count == Int(Self.windowsAPortion))
    }
}
