import Accounting
import Postgres

/// Which servers there are: each start registers, says that it lives, and is declared gone when it no longer does.
package enum ReplicaRegistry {
    /// How long a replica may spend from its leases after the last heartbeat it knows to have arrived.
    package static let leaseSeconds: Int64 = 10
    /// How often it says that it lives; several may be lost before it is fenced.
    package static let heartbeatSeconds: Int64 = 2

    package static func register(_ connection: Connection) throws -> Int64 {
        try connection.query("INSERT INTO replica (lease_seconds) VALUES (\(leaseSeconds)) RETURNING replica_id")[0]
            .decode(at: 0)
    }

    /// Says that the replica lives and which configuration it has; returns the newest there is. Nil: it was declared
    /// gone.
    package static func heartbeat(
        _ replicaID: Int64, configurationVersion: Int64, _ connection: Connection
    ) throws -> Int64? {
        try connection.query(
            """
            UPDATE replica SET heartbeat_at = clock_timestamp(), configuration_version = \(configurationVersion)
            WHERE replica_id = \(replicaID) AND state = 'live'
            RETURNING (SELECT configuration_version FROM deployment)
            """
        ).first?.decode(at: 0)
    }

    /// Holds of this replica that others have ended since `after`, with the time of the last.
    package static func endedElsewhere(
        _ replicaID: Int64, after: Timestamp, _ connection: Connection
    ) throws -> [(number: Int64, endedAt: Timestamp)] {
        // Transactions commit out of order, so the last moments are read again; ending twice is harmless.
        try connection.query(
            """
            SELECT hold_number, ended_at FROM hold_end
            WHERE replica_id = \(replicaID) AND ended_by <> replica_id AND ended_at > \(after.adding(seconds: -30))
            """
        ).map { try $0.decode((Int64, Timestamp).self) }
    }

    /// Marks a replica that has given back what was free; what is still leased covers its open holds until they end.
    package static func drained(_ replicaID: Int64, _ connection: Connection) throws {
        try connection.execute(
            "UPDATE replica SET state = 'drained', heartbeat_at = clock_timestamp() WHERE replica_id = \(replicaID)")
    }

    /// Takes back the leases of replicas that are gone, once the longest hold made from each has expired: lease time
    /// and hold time after the last heartbeat, on PostgreSQL's clock. What nobody explained is recorded as unsettled.
    ///
    /// Returns how many leases were taken back.
    package static func reclaim(_ connection: Connection) throws -> Int {
        try connection.transaction { transaction in
            try transaction.execute(
                """
                UPDATE replica SET state = 'gone'
                WHERE state = 'live' AND heartbeat_at < clock_timestamp() - make_interval(secs => 2 * lease_seconds)
                """)
            let due = try transaction.query(
                """
                SELECT l.replica_id, l.window_id FROM lease l JOIN replica r USING (replica_id)
                WHERE r.state <> 'live' AND l.amount > 0 AND r.heartbeat_at < clock_timestamp()
                    - make_interval(secs => r.lease_seconds + l.longest_hold_seconds)
                ORDER BY l.replica_id, l.window_id FOR UPDATE OF l SKIP LOCKED
                """
            ).map { try $0.decode((Int64, Int64).self) }
            guard !due.isEmpty else { return 0 }
            let replicas = due.map(\.0)
            let windows = due.map(\.1)
            try WindowRows.lock(Set(windows).sorted(), transaction)
            try transaction.execute(
                """
                INSERT INTO unsettled (kind, replica_id, window_id, amount)
                SELECT 'lease', replica_id, window_id, amount FROM lease
                JOIN unnest(\(replicas), \(windows)) AS d(replica_id, window_id) USING (replica_id, window_id)
                """)
            try transaction.execute(
                """
                UPDATE budget_window w SET leased = w.leased - d.amount, revision = w.revision + 1
                FROM (SELECT window_id, sum(amount)::bigint AS amount FROM lease
                      JOIN unnest(\(replicas), \(windows)) AS d(replica_id, window_id) USING (replica_id, window_id)
                      GROUP BY window_id) d
                WHERE w.window_id = d.window_id
                """)
            try transaction.execute(
                """
                UPDATE lease SET amount = 0 FROM unnest(\(replicas), \(windows)) AS d(replica_id, window_id)
                WHERE lease.replica_id = d.replica_id AND lease.window_id = d.window_id
                """)
            return due.count
        }
    }
}
