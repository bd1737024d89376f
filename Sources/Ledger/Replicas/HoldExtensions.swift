import Accounting
import Postgres

/// More time for open holds, whoever made them: rows of `hold_extension`.
///
/// Who extends a hold and who lets one expire take the lock of its maker, the one alone and the other shared, before they
/// look at what the other has written. So a hold either ends, or everyone who would let it expire finds its extension.
package enum HoldExtensions {
    /// The hold has ended, or its money went back to the window with the lease of a maker that is gone.
    package struct Ended: Error {}

    /// Gives a hold `seconds` from now, unless it has more already. Returns how many microseconds it has.
    ///
    /// The lease of a replica that falls silent is kept for its longest hold after its last heartbeat, so the extension
    /// counts from there as a longer hold.
    static func extend(_ hold: Hold, seconds: Int64, _ connection: Connection) throws -> Int64 {
        let (replicaID, number) = (hold.id.replicaID, hold.id.number)
        let leased = hold.charges.filter { $0.isLeased && $0.amount > 0 }
        return try connection.transaction { transaction in
            try transaction.execute(
                """
                SELECT pg_advisory_xact_lock(\(AdvisoryLock.holdExtension.rawValue),
                    \(Int32(truncatingIfNeeded: replicaID)))
                """)
            let ends = try transaction.query(
                "SELECT 1 FROM hold_end WHERE replica_id = \(replicaID) AND hold_number = \(number)")
            let covered = try transaction.query(
                """
                SELECT l.amount >= c.amount FROM lease l
                JOIN unnest(\(leased.map(\.windowID)), \(leased.map(\.amount))) AS c(window_id, amount) USING (window_id)
                WHERE l.replica_id = \(replicaID) ORDER BY l.window_id FOR UPDATE OF l
                """
            ).map { try $0.decode(Bool.self, at: 0) }
            guard ends.isEmpty, covered.count == leased.count, covered.allSatisfy(\.self) else { throw Ended() }
            let left: Int64 = try transaction.query(
                """
                INSERT INTO hold_extension AS x (replica_id, hold_number, expires_at, extended_at)
                VALUES (\(replicaID), \(number), clock_timestamp() + make_interval(secs => \(seconds)),
                    clock_timestamp())
                ON CONFLICT (replica_id, hold_number) DO UPDATE
                SET expires_at = GREATEST(x.expires_at, excluded.expires_at), extended_at = excluded.extended_at
                RETURNING \(sql: microsecondsLeft)
                """)[0].decode(at: 0)
            try transaction.execute(
                """
                UPDATE lease l SET longest_hold_seconds = GREATEST(l.longest_hold_seconds,
                    ceil(extract(epoch FROM clock_timestamp() - r.heartbeat_at) + \(left) / 1e6)::bigint)
                FROM replica r
                WHERE r.replica_id = l.replica_id AND l.replica_id = \(replicaID)
                    AND l.window_id = ANY(\(leased.map(\.windowID)))
                """)
            return left
        }
    }

    private static let microsecondsLeft: SQL =
        "(extract(epoch FROM x.expires_at - clock_timestamp()) * 1000000)::bigint"

    /// Keeps the holds of these replicas from being extended until the transaction is over.
    static func lock(makers: Set<Int64>) -> SQL {
        let numbers = makers.sorted().map { Int32(truncatingIfNeeded: $0) }
        return """
            SELECT pg_advisory_xact_lock_shared(\(AdvisoryLock.holdExtension.rawValue), maker)
            FROM unnest(\(numbers)) AS maker
            """
    }

    /// Reads which of these holds have more time, and how much.
    static func left(of holds: [HoldID]) -> SQL {
        """
        SELECT x.replica_id, x.hold_number, \(sql: microsecondsLeft)
        FROM unnest(\(holds.map(\.replicaID)), \(holds.map(\.number))) AS w(replica_id, hold_number)
        JOIN hold_extension x ON x.replica_id = w.replica_id AND x.hold_number = w.hold_number
        WHERE x.expires_at > clock_timestamp()
        """
    }

    static func decodeLeft(_ rows: Rows) throws -> [HoldID: Int64] {
        var left: [HoldID: Int64] = [:]
        for row in rows {
            let (replica, number, microseconds) = try row.decode((Int64, Int64, Int64).self)
            left[HoldID(replicaID: replica, number: number)] = microseconds
        }
        return left
    }

    /// The holds of a replica that were extended since `after`.
    static func since(_ after: Timestamp, of replicaID: Int64) -> SQL {
        """
        SELECT hold_number, \(sql: microsecondsLeft), extended_at FROM hold_extension x
        WHERE replica_id = \(replicaID) AND extended_at > \(after)
        """
    }
}
