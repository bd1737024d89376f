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

    /// Registers a replica and returns its id. The id is above every id that the database knows, and above `former`, the
    /// id that this server has had until now.
    package static func register(above former: Int64 = 0, _ connection: Connection) throws -> Int64 {
        try connection.transaction { transaction in
            let behind: SQL = "SELECT least FROM " + leastID(above: former) + " WHERE " + isBehind
            if try !transaction.query(behind).isEmpty {
                // Nobody draws an id meanwhile: an INSERT locks the table before it draws one. Servers of the version
                // before insert so too.
                try transaction.execute("LOCK TABLE replica IN SHARE ROW EXCLUSIVE MODE")
                try transaction.execute(
                    "SELECT setval('replica_replica_id_seq', least, false) FROM " + leastID(above: former) + " WHERE "
                        + isBehind)
            }
            return try transaction.query(
                """
                INSERT INTO replica (lease_seconds, timeline) VALUES (\(leaseSeconds), \(unescaped: timeline))
                RETURNING replica_id
                """)[0].decode(at: 0)
        }
    }

    /// Ids follow the time: an id is at least the number of minutes since 2026. So a database that was restored from a
    /// backup gives no id again that a lost registration has had, unless more servers were started in the lost time than
    /// it has minutes. Holds name their makers, entries are numbered under them, and both may come back from outside.
    ///
    /// A clock that is far ahead must not use up all ids. So a part of them is only counted, from 2039 on.
    private static func leastID(above former: Int64) -> SQL {
        let latest = EntryID.maximumReplica / 8 * 7
        return """
            (SELECT GREATEST(
                LEAST(floor(extract(epoch FROM clock_timestamp() - timestamptz '2026-01-01 00:00Z') / 60)::bigint,
                    \(latest)),
                \(former) + 1,
                COALESCE((SELECT max(replica_id) FROM replica), 0) + 1,
                COALESCE((SELECT max(replica_id) FROM hold_end), 0) + 1) AS least) AS wanted
            CROSS JOIN replica_replica_id_seq AS drawn
            """
    }

    private static let isBehind: SQL = "drawn.last_value + CASE WHEN drawn.is_called THEN 1 ELSE 0 END < wanted.least"

    /// The primary's WAL timeline. A promoted standby begins a new one.
    private static let timeline = "('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint"

    /// A condition on a row of `replica`: the replica has not been heard of for so long that it has fenced itself.
    ///
    /// A database that went back to a backup, or was promoted without the last commits, does not know the last heartbeats
    /// that it acknowledged. Whoever heard of those may spend until the lease time has passed since PostgreSQL started or,
    /// where a standby was promoted, since the first replica registered on the new timeline.
    static let isSilent: SQL = """
        heartbeat_at < clock_timestamp() - make_interval(secs => lease_seconds + \(driftSeconds))
            AND heartbeats_known_since() < clock_timestamp() - make_interval(secs => \(leaseSeconds + driftSeconds))
            AND (timeline = \(unescaped: timeline) OR EXISTS (
                SELECT 1 FROM replica AS first WHERE first.timeline = \(unescaped: timeline)
                    AND first.started_at < clock_timestamp() - make_interval(secs => \(leaseSeconds + driftSeconds))))
        """

    /// PostgreSQL's reply to a heartbeat.
    package struct HeartbeatReply: Sendable {
        /// The newest configuration version.
        package let configurationVersion: Int64
        /// Whether another server has become the primary since this replica registered. The new primary may lack this
        /// replica's last leases.
        package let isOnNewTimeline: Bool
        /// When PostgreSQL recorded the heartbeat, on its clock.
        package let recordedAt: Timestamp

        package init(configurationVersion: Int64, isOnNewTimeline: Bool, recordedAt: Timestamp) {
            self.configurationVersion = configurationVersion
            self.isOnNewTimeline = isOnNewTimeline
            self.recordedAt = recordedAt
        }
    }

    /// Records that the replica is alive and which configuration version it has.
    ///
    /// `last` is when PostgreSQL recorded the last heartbeat that it acknowledged. If it no longer knows that heartbeat,
    /// it was restored from a backup and may lack this replica's last leases.
    package static func heartbeat(
        _ replicaID: Int64, configurationVersion: Int64, last: Timestamp?, _ connection: Connection
    ) throws -> HeartbeatQueue.Answer {
        let last = last ?? Timestamp(seconds: 0)
        let recorded = try connection.query(
            """
            UPDATE replica SET heartbeat_at = clock_timestamp(), configuration_version = \(configurationVersion)
            WHERE replica_id = \(replicaID) AND state = 'live' AND heartbeat_at >= \(last)
            RETURNING (SELECT configuration_version FROM deployment), timeline <> \(unescaped: timeline), heartbeat_at
            """
        ).first.map { row in
            let (version, isNew, recordedAt) = try row.decode((Int64, Bool, Timestamp).self)
            return HeartbeatReply(configurationVersion: version, isOnNewTimeline: isNew, recordedAt: recordedAt)
        }
        if let recorded { return .acknowledged(recorded) }
        let known = try connection.query(
            "SELECT 1 FROM replica WHERE replica_id = \(replicaID) AND heartbeat_at >= \(last)")
        return known.isEmpty ? .restored : .gone
    }

    /// Remote updates: what other replicas have done that concerns this one.
    package struct RemoteUpdates: Sendable {
        /// A hold of this replica that another replica has ended.
        package struct Ended: Hashable, Sendable {
            package let number: Int64
            package let how: HoldEnd

            package init(number: Int64, how: HoldEnd) {
                self.number = number
                self.how = how
            }
        }

        /// A hold of this replica that was given more time.
        package struct Extended: Hashable, Sendable {
            package let number: Int64
            /// How long it lasts yet.
            package let microseconds: Int64

            package init(number: Int64, microseconds: Int64) {
                self.number = number
                self.microseconds = microseconds
            }
        }

        package var ended: [Ended] = []
        package var extended: [Extended] = []
        /// The latest end or extension that was read, on PostgreSQL's clock. The next request for updates starts here.
        package var until: Timestamp
        /// Windows with a lease revocation that this replica has not answered yet.
        package var revoked: Set<Int64> = []
        package init(until: Timestamp) { self.until = until }
    }

    package static func updates(
        of replicaID: Int64, after: Timestamp, looksForRevocations: Bool, _ connection: Connection
    ) throws -> RemoteUpdates {
        var updates = RemoteUpdates(until: after)
        // Transactions commit out of order, so the last 30 seconds are read again. Ending or extending a hold twice is
        // harmless.
        for row in try connection.query(
            """
            SELECT hold_number, how, ended_at FROM hold_end
            WHERE replica_id = \(replicaID) AND ended_by <> replica_id AND ended_at > \(after.adding(seconds: -30))
            """)
        {
            let (number, how, endedAt) = try row.decode((Int64, String, Timestamp).self)
            updates.ended.append(RemoteUpdates.Ended(number: number, how: HoldEnd(rawValue: how) ?? .settled))
            updates.until = max(updates.until, endedAt)
        }
        for row in try connection.query(HoldExtensions.since(after.adding(seconds: -30), of: replicaID)) {
            let (number, left, extendedAt) = try row.decode((Int64, Int64, Timestamp).self)
            updates.extended.append(RemoteUpdates.Extended(number: number, microseconds: left))
            updates.until = max(updates.until, extendedAt)
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
