import Accounting
import Postgres

/// Takes back the leases of replicas that are gone or drained, in portions, so that no window stays locked for long.
package enum Reclaim {
    private static let leasesAPortion: Int64 = 500

    private struct LeaseKey {
        var replicaID: Int64 = 0
        var windowID: Int64 = 0
    }

    /// Declares replicas gone whose heartbeats have stopped, on PostgreSQL's clock.
    package static func declareGone(_ connection: Connection) throws {
        try connection.execute(
            """
            UPDATE replica SET state = 'gone' WHERE replica_id IN (
                SELECT replica_id FROM replica WHERE state = 'live' AND \(sql: ReplicaRegistry.isSilent)
                FOR NO KEY UPDATE SKIP LOCKED)
            """)
    }

    /// Reclaims every lease that is due: once the longest hold made from it has expired, which is lease time plus hold
    /// time after the replica's last heartbeat. The reclaimed money, which no settlement accounts for, is recorded as
    /// unsettled.
    ///
    /// A window that others have locked is left for the end and then waited for; one that stays locked is left for the
    /// next run, and keeps back no other. Returns how many leases were reclaimed.
    package static func reclaim(_ connection: Connection) throws -> Int {
        var reclaimed = 0
        var position = LeaseKey()
        var busy: [LeaseKey] = []
        while true {
            let due = try due(after: position, connection)
            guard let last = due.last else { break }
            let taken = try take(due, waits: false, connection)
            reclaimed += taken.count
            let free = Set(taken.map(\.windowID))
            busy += due.filter { !free.contains($0.windowID) }
            position = last
        }
        for key in busy {
            do {
                reclaimed += try take([key], waits: true, connection).count
            } catch let error as PostgresError where error.sqlState == SQLState.lockNotAvailable {
                continue
            }
        }
        return reclaimed
    }

    /// A condition on a row of `lease` with its replica `r`: the last hold made from it has expired.
    private static let isOver: SQL = """
        r.heartbeat_at < clock_timestamp() - make_interval(
            secs => r.lease_seconds + \(ReplicaRegistry.driftSeconds) + longest_hold_seconds)
        """

    private static func due(after position: LeaseKey, _ connection: Connection) throws -> [LeaseKey] {
        try connection.query(
            """
            SELECT l.replica_id, l.window_id FROM replica r CROSS JOIN LATERAL (
                SELECT replica_id, window_id FROM lease
                WHERE replica_id = r.replica_id
                    AND (replica_id, window_id) > (\(position.replicaID), \(position.windowID))
                    AND amount > 0 AND \(sql: isOver)
                ORDER BY window_id LIMIT \(leasesAPortion)) l
            WHERE r.state <> 'live' AND r.replica_id >= \(position.replicaID)
            ORDER BY 1, 2 LIMIT \(leasesAPortion)
            """
        ).map { row in
            let (replicaID, windowID) = try row.decode((Int64, Int64).self)
            return LeaseKey(replicaID: replicaID, windowID: windowID)
        }
    }

    private static func take(
        _ due: [LeaseKey], waits: Bool, _ connection: Connection
    ) throws -> [ReplicaRegistry.Release] {
        try connection.transaction { transaction in
            // A hold may have been extended since the lease was found due.
            let leases: SQL = """
                SELECT l.replica_id, l.window_id, l.amount FROM lease l
                JOIN unnest(\(due.map(\.replicaID)), \(due.map(\.windowID))) AS d(replica_id, window_id)
                    USING (replica_id, window_id)
                JOIN replica r USING (replica_id) WHERE \(sql: isOver)
                """
            // All transactions lock leases before windows.
            let order: SQL = " ORDER BY l.replica_id, l.window_id FOR UPDATE OF l SKIP LOCKED"
            let windows = Set(try transaction.query(leases + order).map { try $0.decode(Int64.self, at: 1) }).sorted()
            let free = waits ? windows : try unlocked(windows, transaction)
            let released = try ReplicaRegistry.release(
                leases + " AND l.window_id = ANY(\(free))" + order, transaction)
            try transaction.execute(
                """
                INSERT INTO unsettled (kind, replica_id, window_id, amount)
                SELECT 'lease', * FROM unnest(\(released.map(\.replicaID)), \(released.map(\.windowID)),
                    \(released.map(\.amount)))
                """)
            return released
        }
    }

    /// Locks those of the windows that nobody else has locked, and returns them.
    private static func unlocked(_ windows: [Int64], _ transaction: borrowing Transaction) throws -> [Int64] {
        try transaction.query(
            """
            SELECT window_id FROM budget_window WHERE window_id = ANY(\(windows)) ORDER BY window_id
            FOR NO KEY UPDATE SKIP LOCKED
            """
        ).map { try $0.decode(Int64.self, at: 0) }
    }
}
