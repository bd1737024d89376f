import Accounting
import Postgres

/// Which servers there are: each start registers, says that it lives, and is declared gone when it no longer does.
package enum ReplicaRegistry {
    /// How long a replica may spend from its leases after the last heartbeat it knows to have arrived.
    package static let leaseSeconds: Int64 = 10
    /// How often it says that it lives; several may be lost before it is fenced.
    package static let heartbeatSeconds: Int64 = 2
    /// By how much a replica's clock may lag behind PostgreSQL's over a lease time and the longest hold: nothing of a
    /// silent replica is taken back sooner than so long after it must have fenced itself.
    package static let driftSeconds: Int64 = 2

    package static func register(_ connection: Connection) throws -> Int64 {
        try connection.query(
            """
            INSERT INTO replica (lease_seconds, timeline) VALUES (\(leaseSeconds), \(unescaped: timeline))
            RETURNING replica_id
            """)[0].decode(at: 0)
    }

    /// The primary's timeline; a promoted standby begins another.
    private static let timeline = "('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint"

    /// What a heartbeat brings back.
    package struct Pulse: Sendable {
        /// The newest configuration there is.
        package let configurationVersion: Int64
        /// Whether another server has become the primary since this replica registered: its last leases may not be there.
        package let isOnNewTimeline: Bool

        package init(configurationVersion: Int64, isOnNewTimeline: Bool) {
            self.configurationVersion = configurationVersion
            self.isOnNewTimeline = isOnNewTimeline
        }
    }

    /// Says that the replica lives and which configuration it has. Nil: it was declared gone.
    package static func heartbeat(
        _ replicaID: Int64, configurationVersion: Int64, _ connection: Connection
    ) throws -> Pulse? {
        try connection.query(
            """
            UPDATE replica SET heartbeat_at = clock_timestamp(), configuration_version = \(configurationVersion)
            WHERE replica_id = \(replicaID) AND state = 'live'
            RETURNING (SELECT configuration_version FROM deployment), timeline <> \(unescaped: timeline)
            """
        ).first.map { row in
            let (version, isNew) = try row.decode((Int64, Bool).self)
            return Pulse(configurationVersion: version, isOnNewTimeline: isNew)
        }
    }

    /// What others have done that concerns a replica.
    package struct News: Sendable {
        /// Holds of it that others have ended.
        package var ended: [Int64] = []
        /// Up to when, on PostgreSQL's clock.
        package var until: Timestamp
        /// Windows whose idle money somebody waits for and this replica has not yet answered.
        package var recalled: Set<Int64> = []
        /// Holds that were handed over by replicas that have ended, and have expired.
        package var expired: [Hold] = []

        package init(until: Timestamp) { self.until = until }
    }

    static func news(
        of replicaID: Int64, after: Timestamp, _ seal: HoldSeal, _ connection: Connection
    ) throws -> News {
        var news = News(until: after)
        // Transactions commit out of order, so the last moments are read again; ending twice is harmless.
        for row in try connection.query(
            """
            SELECT hold_number, ended_at FROM hold_end
            WHERE replica_id = \(replicaID) AND ended_by <> replica_id AND ended_at > \(after.adding(seconds: -30))
            """)
        {
            let (number, endedAt) = try row.decode((Int64, Timestamp).self)
            news.ended.append(number)
            news.until = max(news.until, endedAt)
        }
        news.recalled = Set(
            try connection.query(
                """
                SELECT l.window_id FROM lease l JOIN budget_window w USING (window_id)
                WHERE l.replica_id = \(replicaID) AND l.amount > 0 AND l.recall < w.recall
                """
            ).map { try $0.decode(Int64.self, at: 0) })
        news.expired = try expiredHandovers(seal, connection)
        return news
    }
}
