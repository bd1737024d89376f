import Postgres

/// Batches of servers that stopped while they sent them.
package enum StuckBatches {
    /// Ends the sessions of silent replicas whose batch has arrived only in part. A server that stopped while sending
    /// keeps the ids of its entries locked, and no time limit applies to a session that waits for the rest. If the
    /// server resumes, it finds that nothing was committed.
    ///
    /// Returns how many sessions were ended.
    package static func end(_ connection: Connection) throws -> Int {
        // Reading all locks of the server is dear, so only a silent replica is reason enough.
        let silent = try connection.query(
            """
            SELECT replica_id % 4294967296 FROM replica
            WHERE state <> 'drained' AND heartbeat_at < clock_timestamp() - make_interval(secs => lease_seconds)
                AND heartbeat_at > clock_timestamp() - interval '1 day'
            """
        ).map { try $0.decode(Int64.self, at: 0) }
        guard !silent.isEmpty else { return 0 }
        return try connection.query(
            """
            SELECT pg_terminate_backend(s.pid) FROM pg_locks l
            JOIN pg_stat_activity s ON s.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.classid = \(Int64(AdvisoryLock.batch.rawValue)) AND l.objsubid = 2 AND l.granted
                AND l.objid::bigint = ANY(\(silent))
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND s.wait_event_type = 'Client' AND s.state = 'active'
            """
        ).count
    }
}
