import Accounting
import Postgres

/// The registry of replicas. Each start of a server registers as a replica and sends heartbeats. A replica whose
/// heartbeats stop is declared gone.
package enum ReplicaRegistry {
    /// How long a replica may spend from its leases after it sent the last heartbeat that was acknowledged.
    package static let leaseSeconds: Int64 = 10
    /// The interval between heartbeats. Several may be lost before the replica is fenced.
    package static let heartbeatSeconds: Int64 = 2
    /// By how much a replica's clock may lag behind PostgreSQL's over the lease time and the longest hold. Nothing of a
    /// silent replica is reclaimed until this long after the replica must have fenced itself.
    package static let driftSeconds: Int64 = 2

    package static func register(_ connection: Connection) throws -> Int64 {
        try connection.query(
            """
            INSERT INTO replica (lease_seconds, timeline) VALUES (\(leaseSeconds), \(unescaped: timeline))
            RETURNING replica_id
            """)[0].decode(at: 0)
    }

    /// The primary's WAL timeline. A promoted standby begins a new one.
    private static let timeline = "('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint"

    /// PostgreSQL's reply to a heartbeat.
    package struct HeartbeatReply: Sendable {
        /// The newest configuration version.
        package let configurationVersion: Int64
        /// Whether another server has become the primary since this replica registered. The new primary may lack this
        /// replica's last leases.
        package let isOnNewTimeline: Bool

        package init(configurationVersion: Int64, isOnNewTimeline: Bool) {
            self.configurationVersion = configurationVersion
            self.isOnNewTimeline = isOnNewTimeline
        }
    }

    /// Records that the replica is alive and which configuration version it has. Nil: the replica was declared gone.
    package static func heartbeat(
        _ replicaID: Int64, configurationVersion: Int64, _ connection: Connection
    ) throws -> HeartbeatReply? {
        try connection.query(
            """
            UPDATE replica SET heartbeat_at = clock_timestamp(), configuration_version = \(configurationVersion)
            WHERE replica_id = \(replicaID) AND state = 'live'
            RETURNING (SELECT configuration_version FROM deployment), timeline <> \(unescaped: timeline)
            """
        ).first.map { row in
            let (version, isNew) = try row.decode((Int64, Bool).self)
            return HeartbeatReply(configurationVersion: version, isOnNewTimeline: isNew)
        }
    }

    /// Remote updates: what other replicas have done that concerns this one.
    package struct RemoteUpdates: Sendable {
        /// The numbers of this replica's holds that other replicas have ended.
        package var ended: [Int64] = []
        /// The latest end that was read, on PostgreSQL's clock. The next request for updates starts here.
        package var until: Timestamp
        /// Windows with a lease revocation that this replica has not answered yet.
        package var revoked: Set<Int64> = []
        package init(until: Timestamp) { self.until = until }
    }

    package static func updates(
        of replicaID: Int64, after: Timestamp, looksForRevocations: Bool, _ connection: Connection
    ) throws -> RemoteUpdates {
        var updates = RemoteUpdates(until: after)
        // Transactions commit out of order, so the last 30 seconds are read again. Ending a hold twice is harmless.
        for row in try connection.query(
            """
            SELECT hold_number, ended_at FROM hold_end
            WHERE replica_id = \(replicaID) AND ended_by <> replica_id AND ended_at > \(after.adding(seconds: -30))
            """)
        {
            let (number, endedAt) = try row.decode((Int64, Timestamp).self)
            updates.ended.append(number)
            updates.until = max(updates.until, endedAt)
        }
        guard looksForRevocations else { return updates }
        updates.revoked = Set(
            try connection.query(
                """
                SELECT l.window_id FROM lease l JOIN budget_window w USING (window_id)
                WHERE l.replica_id = \(replicaID) AND l.amount > 0 AND l.recall < w.recall
                """
            ).map { try $0.decode(Int64.self, at: 0) })
        return updates
    }
}
