import Accounting
import Postgres

extension ReplicaRegistry {
    /// What a replica leaves to others when it ends in order: because it drains, or because it continues under a new
    /// id.
    package struct Handover: Sendable {
        package let replicaID: Int64
        /// The open holds; any replica may end them.
        package let holds: [Hold]
        /// By window: how much of the replica's lease these holds still need.
        package let held: [Int64: Int64]

        init(of engine: AdmissionEngine) {
            replicaID = engine.replicaID
            holds = engine.openHolds
            held = engine.heldInLeases
        }
    }

    /// Deregisters a replica. Its open holds are handed over, and its leases return except for what those holds need.
    /// That rest returns once the longest hold has expired (`reclaim`). Repeating the call changes nothing.
    static func deregister(_ handover: Handover, _ holdTokens: HoldTokenCipher, _ connection: Connection) throws {
        try handOver(handover, holdTokens, connection)
        try connection.transaction { transaction in
            try transaction.execute(
                """
                UPDATE replica SET state = 'drained', heartbeat_at = clock_timestamp()
                WHERE replica_id = \(handover.replicaID) AND state = 'live'
                """)
            let kept = handover.held.sorted { $0.key < $1.key }
            try release(
                """
                SELECT l.replica_id, l.window_id, GREATEST(0, l.amount - COALESCE(k.amount, 0)) AS amount
                FROM lease l LEFT JOIN unnest(\(kept.map(\.key)), \(kept.map(\.value))) AS k(window_id, amount)
                    USING (window_id)
                WHERE l.replica_id = \(handover.replicaID) AND l.amount > 0
                ORDER BY l.replica_id, l.window_id FOR UPDATE OF l
                """, transaction)
        }
    }

    private static let holdsAStatement = 5_000

    /// Writes the handover in portions, so that no statement runs so long that PostgreSQL's silence is taken for a dead
    /// host. Until the leases are released, they still cover the holds that are handed over.
    private static func handOver(_ handover: Handover, _ holdTokens: HoldTokenCipher, _ connection: Connection) throws {
        for start in stride(from: 0, to: handover.holds.count, by: holdsAStatement) {
            let encrypted = handover.holds[start...].prefix(holdsAStatement)
                .compactMap { hold in holdTokens.encrypt(hold).map { (hold, $0) } }
            try connection.execute(
                """
                INSERT INTO handed_over (replica_id, hold_number, expires_at, sealed)
                SELECT \(handover.replicaID), * FROM unnest(\(encrypted.map(\.0.id.number)), \(encrypted.map(\.0.expiresAt)),
                    \(encrypted.map(\.1)))
                ON CONFLICT DO NOTHING
                """)
        }
    }

    /// Reclaims the leases of replicas that are gone, once the longest hold made from each lease has expired: lease
    /// time plus hold time after the last heartbeat, on PostgreSQL's clock. The reclaimed money, which no settlement
    /// accounts for, is recorded as unsettled.
    ///
    /// Returns how many leases were reclaimed.
    package static func reclaim(_ connection: Connection) throws -> Int {
        try connection.transaction { transaction in
            // Heartbeats wait for this transaction, so it must not wait long for anybody, not even for a transaction
            // that the silent replica left open.
            try transaction.execute("SELECT set_config('lock_timeout', '200ms', true)")
            try transaction.execute(
                """
                UPDATE replica SET state = 'gone' WHERE replica_id IN (
                    SELECT replica_id FROM replica WHERE state = 'live'
                        AND heartbeat_at < clock_timestamp() - make_interval(secs => lease_seconds + \(driftSeconds))
                    FOR NO KEY UPDATE SKIP LOCKED)
                """)
            let due = try release(
                """
                SELECT l.replica_id, l.window_id, l.amount FROM lease l JOIN replica r USING (replica_id)
                WHERE r.state <> 'live' AND l.amount > 0 AND r.heartbeat_at < clock_timestamp()
                    - make_interval(secs => r.lease_seconds + \(driftSeconds) + l.longest_hold_seconds)
                ORDER BY l.replica_id, l.window_id FOR UPDATE OF l SKIP LOCKED
                """, transaction)
            try transaction.execute(
                """
                INSERT INTO unsettled (kind, replica_id, window_id, amount)
                SELECT 'lease', * FROM unnest(\(due.map(\.replicaID)), \(due.map(\.windowID)), \(due.map(\.amount)))
                """)
            return due.count
        }
    }

    /// Ends the sessions of silent replicas whose batch has arrived only in part. A server that stopped while sending
    /// keeps the ids of its entries locked, and no time limit applies to a session that waits for the rest. If the
    /// server resumes, it finds that nothing was committed.
    ///
    /// Returns how many sessions were ended.
    package static func endStuckBatches(_ connection: Connection) throws -> Int {
        try connection.query(
            """
            SELECT pg_terminate_backend(s.pid) FROM pg_locks l
            JOIN replica r ON l.objid::bigint = r.replica_id % 4294967296
            JOIN pg_stat_activity s ON s.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.classid = \(Int64(WriteBatch.Lock.batch)) AND l.objsubid = 2 AND l.granted
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND s.wait_event_type = 'Client' AND s.state = 'active'
                AND r.heartbeat_at < clock_timestamp() - make_interval(secs => r.lease_seconds)
            """
        ).count
    }

    private struct Release {
        let replicaID: Int64
        let windowID: Int64
        let amount: Int64
    }

    /// Takes amounts out of leases and gives them back to their windows. `selection` locks the leases and returns the
    /// amounts.
    @discardableResult private static func release(
        _ selection: SQL, _ transaction: borrowing Transaction
    ) throws -> [Release] {
        let releases = try transaction.query(selection).map { row in
            let (replicaID, windowID, amount) = try row.decode((Int64, Int64, Int64).self)
            return Release(replicaID: replicaID, windowID: windowID, amount: amount)
        }.filter { $0.amount > 0 }
        guard !releases.isEmpty else { return [] }
        try transaction.execute(WindowRows.lock(Set(releases.map(\.windowID)).sorted()))
        let rows = SQL(
            """
            unnest(\(releases.map(\.replicaID)), \(releases.map(\.windowID)), \(releases.map(\.amount)))
                AS d(replica_id, window_id, amount)
            """)
        try transaction.execute(
            """
            UPDATE budget_window w SET leased = w.leased - d.amount, revision = w.revision + 1
            FROM (SELECT window_id, sum(amount)::bigint AS amount FROM
            """ + " " + rows + " GROUP BY window_id) d WHERE w.window_id = d.window_id")
        try transaction.execute(
            "UPDATE lease l SET amount = l.amount - d.amount FROM " + rows
                + " WHERE l.replica_id = d.replica_id AND l.window_id = d.window_id")
        return releases
    }

    /// Returns handed-over holds that have expired without an end. Deletes handed-over holds that have ended.
    static func expiredHandovers(_ holdTokens: HoldTokenCipher, _ connection: Connection) throws -> [Hold] {
        try connection.execute(
            """
            DELETE FROM handed_over WHERE (replica_id, hold_number) IN (
                SELECT h.replica_id, h.hold_number FROM handed_over h JOIN hold_end USING (replica_id, hold_number)
                FOR UPDATE OF h SKIP LOCKED)
            """)
        return try connection.query(
            "SELECT sealed FROM handed_over WHERE expires_at <= clock_timestamp() ORDER BY expires_at LIMIT 1000"
        ).compactMap { holdTokens.decrypt(try $0.decode(String.self, at: 0)) }
    }
}
