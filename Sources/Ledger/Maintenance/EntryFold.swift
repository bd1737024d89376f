import Accounting
import Postgres

/// Adds the ledger's entries to sums, each entry once.
///
/// Maintenance adds the ledger's batches some time after they were committed. The sums have an exact fence: of each replica,
/// all batches up to one are in them.
package struct EntryFold: Sendable {
    private static let batchesAPortion: Int64 = 2_000
    private static let entriesAPortion: Int64 = 10_000
    /// Sums that lack batches for so long are late.
    private static let lateSeconds: Int64 = 300

    /// The table of the fences.
    private let fences: SQL
    /// Adds the entries after the first id, up to the second.
    private let add: @Sendable (Int64, Int64) -> SQL

    init(fences: String, add: @escaping @Sendable (Int64, Int64) -> SQL) {
        self.fences = SQL(unescaped: fences)
        self.add = add
    }

    /// Whether an entry (alias `l`) is in the sums already.
    var isFolded: SQL {
        """
        EXISTS (SELECT FROM \(sql: fences) f
            WHERE f.replica_id = l.entry_id >> \(unescaped: "\(EntryID.numberBits)") AND f.entry_id >= l.entry_id)
        """
    }

    /// Batches of one replica that are not in the sums yet, and the fence they follow.
    private struct Pending {
        let replicaID: Int64
        let entryID: Int64
        let batchNumber: Int64
    }

    package struct Portion: Sendable {
        /// How many entries were added.
        package var entries: Int64 = 0
        /// Whether more are due.
        package var hasMore = false
        /// Whether the entries had waited for longer than `lateSeconds`.
        package var isLate = false
    }

    func task(_ name: String, every pause: Duration) -> MaintenanceTask {
        MaintenanceTask(name, every: pause) { connection in
            let portion = try run(connection)
            return MaintenanceTask.Portion(
                rows: Int(portion.entries), hasMore: portion.hasMore, isLate: portion.isLate)
        }
    }

    /// Adds one portion of one replica's batches. A small portion waits until it has grown or is a minute old, because
    /// each portion changes a row for everything that it has entries of.
    ///
    /// - Parameter takesSmall: a small portion does not wait.
    func run(takesSmall: Bool = false, _ connection: Connection) throws -> Portion {
        for pending in try pending(connection) {
            let portion = try run(pending, takesSmall, connection)
            if portion.entries > 0 { return portion }
        }
        return Portion()
    }

    /// The replicas that have batches after their fence, the one whose batches have waited longest first: a busy replica
    /// must not keep the others waiting. What a replica has written begins with its first id.
    private func pending(_ connection: Connection) throws -> [Pending] {
        try connection.query(
            """
            SELECT r.replica_id, GREATEST(f.entry_id, r.replica_id << 40), COALESCE(f.batch_number, 0)
            FROM replica r LEFT JOIN \(sql: fences) f USING (replica_id)
            CROSS JOIN LATERAL (SELECT committed_at FROM batch b
                WHERE b.replica_id = r.replica_id AND b.number > COALESCE(f.batch_number, 0)
                ORDER BY b.number LIMIT 1) first
            ORDER BY first.committed_at, r.replica_id
            """
        ).map { row in
            let (replicaID, entryID, batchNumber) = try row.decode((Int64, Int64, Int64).self)
            return Pending(replicaID: replicaID, entryID: entryID, batchNumber: batchNumber)
        }
    }

    private func run(_ pending: Pending, _ takesSmall: Bool, _ connection: Connection) throws -> Portion {
        try connection.transaction { transaction in
            let row = try transaction.query(
                """
                SELECT max(number), max(last_entry_id), COALESCE(sum(entry_count), 0)::bigint, count(*),
                    COALESCE(extract(epoch FROM clock_timestamp() - min(committed_at)), 0)::bigint
                FROM (SELECT number, last_entry_id, entry_count, committed_at, sum(entry_count) OVER (ORDER BY number)
                        - entry_count AS before
                    FROM batch WHERE replica_id = \(pending.replicaID) AND number > \(pending.batchNumber)
                    ORDER BY number LIMIT \(Self.batchesAPortion)) b
                WHERE before < \(Self.entriesAPortion)
                """)[0]
            let (number, lastEntry, entries, batches, ageSeconds) = try row.decode(
                (Int64?, Int64?, Int64, Int64, Int64).self)
            let isLarge = entries >= Self.entriesAPortion || batches == Self.batchesAPortion
            guard let number, isLarge || ageSeconds > 60 || takesSmall else { return Portion() }
            // A batch without entries has no last one.
            let upTo = lastEntry ?? pending.entryID
            // The fence is moved first: of two that do the same at once, the second finds it moved.
            let moved = try transaction.execute(
                """
                INSERT INTO \(sql: fences) AS f (replica_id, batch_number, entry_id)
                VALUES (\(pending.replicaID), \(number), \(upTo))
                ON CONFLICT (replica_id) DO UPDATE SET batch_number = \(number), entry_id = \(upTo)
                WHERE f.batch_number = \(pending.batchNumber)
                """)
            guard moved == 1 else { return Portion(hasMore: true) }
            try transaction.execute(add(pending.entryID, upTo))
            return Portion(entries: max(entries, 1), hasMore: isLarge, isLate: ageSeconds > Self.lateSeconds)
        }
    }
}
