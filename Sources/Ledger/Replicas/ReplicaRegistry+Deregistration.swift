import Accounting
import Postgres

extension ReplicaRegistry {
    /// What a replica leaves to others when it ends in order: because it drains, or because it continues under a new
    /// id. It is handed over in portions.
    package struct Handover: Sendable {
        package let replicaID: Int64
        /// The open holds that are still to be handed over; any replica may end them. Each with the time that it had
        /// left when the handover began, because the clocks of replicas differ.
        package private(set) var holds: ArraySlice<(hold: Hold, inMicroseconds: Int64)>
        /// How much of the replica's leases all open holds need, sorted by window.
        package let held: [(windowID: Int64, amount: Int64)]
        /// The leases up to this window have returned. Nil: none yet, and the replica still counts as live.
        package private(set) var releasedUpTo: Int64?

        init(of engine: AdmissionEngine, at now: Moment) {
            replicaID = engine.replicaID
            holds = engine.expiries(at: now)[...]
            held = engine.heldInLeases.map { ($0.key, $0.value) }.sorted { $0.windowID < $1.windowID }
        }

        static let holdsAPortion = 5_000
        static let leasesAPortion = 2_000

        package func withoutHolds(_ count: Int) -> Handover {
            var rest = self
            rest.holds = holds.dropFirst(count)
            return rest
        }

        package func released(upTo windowID: Int64) -> Handover {
            var rest = self
            rest.releasedUpTo = windowID
            return rest
        }

        /// What the holds need of the leases that the next portion looks at.
        var keptInNextPortion: ArraySlice<(windowID: Int64, amount: Int64)> {
            held.drop { $0.windowID <= releasedUpTo ?? 0 }.prefix(Self.leasesAPortion)
        }
    }

    /// Does one portion of a deregistration and returns the rest; nil once nothing is left.
    ///
    /// First the open holds are handed over. Until the leases return, these still cover them. Then the replica counts
    /// as drained, and its leases return except for what those holds need. That rest returns once the longest hold has
    /// expired (`reclaim`). Repeating a portion changes nothing.
    package static func deregister(
        _ handover: Handover, _ holdTokens: HoldTokenCipher, _ connection: Connection
    ) throws -> Handover? {
        if !handover.holds.isEmpty {
            let portion = handover.holds.prefix(Handover.holdsAPortion)
            try handOver(portion, of: handover.replicaID, holdTokens, connection)
            return handover.withoutHolds(portion.count)
        }
        guard let releasedUpTo = handover.releasedUpTo else {
            try connection.execute(
                """
                UPDATE replica SET state = 'drained', heartbeat_at = clock_timestamp()
                WHERE replica_id = \(handover.replicaID) AND state = 'live'
                """)
            return handover.released(upTo: 0)
        }
        let kept = handover.keptInNextPortion
        let looked = try connection.transaction { transaction in
            let portion: SQL = """
                SELECT window_id FROM lease WHERE replica_id = \(handover.replicaID) AND window_id > \(releasedUpTo)
                ORDER BY window_id LIMIT \(Int64(Handover.leasesAPortion))
                """
            let windows = try transaction.query(portion).map { try $0.decode(Int64.self, at: 0) }
            try release(
                """
                SELECT l.replica_id, l.window_id, GREATEST(0, l.amount - COALESCE(k.amount, 0)) AS amount
                FROM lease l LEFT JOIN unnest(\(kept.map(\.windowID)), \(kept.map(\.amount))) AS k(window_id, amount)
                    USING (window_id)
                WHERE l.replica_id = \(handover.replicaID) AND l.window_id = ANY(\(windows)) AND l.amount > 0
                ORDER BY l.replica_id, l.window_id FOR UPDATE OF l
                """, transaction)
            return windows
        }
        guard looked.count == Handover.leasesAPortion, let last = looked.last else {
            // If this was the last server, nobody does so later: until one starts again, or one of an earlier version.
            _ = try ChargeCollection.collect(connection)
            return nil
        }
        return handover.released(upTo: last)
    }

    private static func handOver(
        _ holds: ArraySlice<(hold: Hold, inMicroseconds: Int64)>, of replicaID: Int64, _ holdTokens: HoldTokenCipher,
        _ connection: Connection
    ) throws {
        let encrypted = holds.compactMap { open in
            holdTokens.encrypt(open.hold).map { (open.hold, open.inMicroseconds, $0) }
        }
        try connection.execute(
            """
            INSERT INTO handed_over (replica_id, hold_number, expires_at, sealed)
            SELECT \(replicaID), h.number, clock_timestamp() + h.left_microseconds * interval '1 microsecond', h.sealed
            FROM unnest(\(encrypted.map(\.0.id.number)), \(encrypted.map(\.1)), \(encrypted.map(\.2)))
                AS h(number, left_microseconds, sealed)
            ON CONFLICT DO NOTHING
            """)
    }

    struct Release {
        let replicaID: Int64
        let windowID: Int64
        let amount: Int64
    }

    /// Takes amounts out of leases and gives them back to their windows. `selection` locks the leases and returns the
    /// amounts.
    @discardableResult static func release(
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
}
