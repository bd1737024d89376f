import Accounting
import Postgres

extension ReplicaRegistry {
    /// What a replica leaves behind that ends in order: it drains, or goes on as another.
    package struct Estate: Sendable {
        package let replicaID: Int64
        /// Open holds, for any replica to end.
        package let holds: [Hold]
        /// By window, what its lease must keep for them.
        package let held: [Int64: Int64]

        init(of desk: Desk) {
            replicaID = desk.replicaID
            holds = desk.openHolds
            held = desk.heldInLeases
        }
    }

    /// Ends a replica: its open holds are handed over, what its leases have beyond them goes back, and they return
    /// altogether once the longest hold has expired. Doing it again changes nothing.
    static func retire(_ estate: Estate, _ seal: HoldSeal, _ connection: Connection) throws {
        try handOver(estate, seal, connection)
        try connection.transaction { transaction in
            try transaction.execute(
                """
                UPDATE replica SET state = 'drained', heartbeat_at = clock_timestamp()
                WHERE replica_id = \(estate.replicaID) AND state = 'live'
                """)
            let kept = estate.held.sorted { $0.key < $1.key }
            try release(
                """
                SELECT l.replica_id, l.window_id, GREATEST(0, l.amount - COALESCE(k.amount, 0)) AS amount
                FROM lease l LEFT JOIN unnest(\(kept.map(\.key)), \(kept.map(\.value))) AS k(window_id, amount)
                    USING (window_id)
                WHERE l.replica_id = \(estate.replicaID) AND l.amount > 0
                ORDER BY l.replica_id, l.window_id FOR UPDATE OF l
                """, transaction)
        }
    }

    private static let holdsAStatement = 5_000

    /// In portions, so that no statement takes as long as makes the silence of a host that is gone. Until the leases are
    /// released, holds that are handed over are in them as before.
    private static func handOver(_ estate: Estate, _ seal: HoldSeal, _ connection: Connection) throws {
        for start in stride(from: 0, to: estate.holds.count, by: holdsAStatement) {
            let sealed = estate.holds[start...].prefix(holdsAStatement)
                .compactMap { hold in seal.seal(hold).map { (hold, $0) } }
            try connection.execute(
                """
                INSERT INTO handed_over (replica_id, hold_number, expires_at, sealed)
                SELECT \(estate.replicaID), * FROM unnest(\(sealed.map(\.0.id.number)), \(sealed.map(\.0.expiresAt)),
                    \(sealed.map(\.1)))
                ON CONFLICT DO NOTHING
                """)
        }
    }

    /// Takes back the leases of replicas that are gone, once the longest hold made from each has expired: lease time
    /// and hold time after the last heartbeat, on PostgreSQL's clock. What nobody explained is recorded as unsettled.
    ///
    /// Returns how many leases were taken back.
    package static func reclaim(_ connection: Connection) throws -> Int {
        try connection.transaction { transaction in
            // Heartbeats wait for this: it waits for nobody, not even for a transaction that the silent one left open.
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

    /// Ends the sessions of silent replicas whose batch waits for the rest of what it was being sent: a server that was
    /// stopped there keeps the ids of its entries locked, and a session that waits in the middle knows no time limit. If it
    /// goes on, it finds out that nothing was committed.
    ///
    /// Returns how many were ended.
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

    /// Takes amounts out of leases, which `selection` locks, and gives them back to their windows.
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

    /// Holds that were handed over and have expired without an end; forgets those that have one.
    static func expiredHandovers(_ seal: HoldSeal, _ connection: Connection) throws -> [Hold] {
        try connection.execute(
            """
            DELETE FROM handed_over WHERE (replica_id, hold_number) IN (
                SELECT h.replica_id, h.hold_number FROM handed_over h JOIN hold_end USING (replica_id, hold_number)
                FOR UPDATE OF h SKIP LOCKED)
            """)
        return try connection.query(
            "SELECT sealed FROM handed_over WHERE expires_at <= clock_timestamp() ORDER BY expires_at LIMIT 1000"
        ).compactMap { seal.open(try $0.decode(String.self, at: 0)) }
    }
}
