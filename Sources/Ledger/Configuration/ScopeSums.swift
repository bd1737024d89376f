import Accounting
import Postgres

/// Sums of the ledger by quarter of an hour and everything that a scope can name (table `scope_sum`), so that the total
/// of a scope needs no scan of the ledger.
///
/// Maintenance adds the ledger's batches to the sums some time after they were committed. The sums have an exact fence:
/// of each replica, all batches up to one are in them. What follows the fence is read from the ledger itself.
package enum ScopeSums {
    private static let batchesAPortion: Int64 = 2_000
    private static let entriesAPortion: Int64 = 10_000
    /// Batches that are not in the sums for so long make new budgets read much of the ledger.
    private static let lateSeconds: Int64 = 300

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

    /// Of each replica with entries that are not in the sums yet, the last one that is.
    static func fences(_ transaction: borrowing Transaction) throws -> [(replicaID: Int64, entryID: Int64)] {
        try transaction.query(
            """
            SELECT r.replica_id, COALESCE(f.entry_id, r.replica_id << 40) FROM replica r
            LEFT JOIN scope_sum_fence f USING (replica_id)
            WHERE EXISTS (SELECT 1 FROM batch b
                WHERE b.replica_id = r.replica_id AND b.number > COALESCE(f.batch_number, 0))
            """
        ).map { try $0.decode((Int64, Int64).self) }
    }

    /// Adds one portion of one replica's batches. A small portion waits until it has grown or is a minute old, because
    /// each portion changes a row for everything that it has entries of.
    ///
    /// - Parameter takesSmall: a small portion does not wait.
    package static func fold(takesSmall: Bool = false, _ connection: Connection) throws -> Portion {
        for pending in try pending(connection) {
            let portion = try fold(pending, takesSmall, connection)
            if portion.entries > 0 { return portion }
        }
        return Portion()
    }

    /// The replicas that have batches after their fence, the one whose batches have waited longest first: a busy replica
    /// must not keep the others waiting.
    private static func pending(_ connection: Connection) throws -> [Pending] {
        try connection.query(
            """
            SELECT r.replica_id, COALESCE(f.entry_id, 0), COALESCE(f.batch_number, 0)
            FROM replica r LEFT JOIN scope_sum_fence f USING (replica_id)
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

    private static func fold(_ pending: Pending, _ takesSmall: Bool, _ connection: Connection) throws -> Portion {
        try connection.transaction { transaction in
            let row = try transaction.query(
                """
                SELECT max(number), max(last_entry_id), COALESCE(sum(entry_count), 0)::bigint, count(*),
                    COALESCE(extract(epoch FROM clock_timestamp() - min(committed_at)), 0)::bigint
                FROM (SELECT number, last_entry_id, entry_count, committed_at, sum(entry_count) OVER (ORDER BY number)
                        - entry_count AS before
                    FROM batch WHERE replica_id = \(pending.replicaID) AND number > \(pending.batchNumber)
                    ORDER BY number LIMIT \(batchesAPortion)) b
                WHERE before < \(entriesAPortion)
                """)[0]
            let (number, lastEntry, entries, batches, ageSeconds) = try row.decode(
                (Int64?, Int64?, Int64, Int64, Int64).self)
            let isLarge = entries >= entriesAPortion || batches == batchesAPortion
            guard let number, isLarge || ageSeconds > 60 || takesSmall else { return Portion() }
            // A batch without entries has no last one.
            let upTo = lastEntry ?? pending.entryID
            // The fence is moved first: of two that do the same at once, the second finds it moved.
            let moved = try transaction.execute(
                """
                INSERT INTO scope_sum_fence (replica_id, batch_number, entry_id)
                VALUES (\(pending.replicaID), \(number), \(upTo))
                ON CONFLICT (replica_id) DO UPDATE SET batch_number = \(number), entry_id = \(upTo)
                WHERE scope_sum_fence.batch_number = \(pending.batchNumber)
                """)
            guard moved == 1 else { return Portion(hasMore: true) }
            try transaction.execute(add(after: pending.entryID, upTo: upTo))
            return Portion(entries: max(entries, 1), hasMore: isLarge, isLate: ageSeconds > lateSeconds)
        }
    }

    /// Adds entries to the fine sums, by all that a scope can name, and what these come to to the coarse ones.
    private static func add(after: Int64, upTo: Int64) -> SQL {
        """
        WITH fine AS MATERIALIZED (
            SELECT l.team, date_bin('15 minutes', l.occurred_at, timestamptz '1970-01-01 00:00:00+00') AS slot,
                COALESCE(l.feature, '') AS feature, l.provider, l.model, COALESCE(l.user_id, 0) AS user_id,
                COALESCE(l.run, '') AS run, l.tag_keys, l.tag_values,
                sum(\(unescaped: LedgerEntry.Kind.calls)) AS calls,
                sum(l.input_tokens::numeric + l.output_tokens) AS tokens,
                sum(COALESCE(l.effective_cost_nanodollars, 0)::numeric) AS cost_nanodollars
            FROM ledger l WHERE l.entry_id > \(after) AND l.entry_id <= \(upTo)
            GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
        ), sums AS (
            SELECT true AS is_fine, * FROM fine
            UNION ALL
            SELECT false, team, slot, feature, provider, model, 0, '', '{}', '{}', sum(calls), sum(tokens),
                sum(cost_nanodollars)
            FROM fine GROUP BY team, slot, feature, provider, model
        )
        INSERT INTO scope_sum (is_fine, team, slot, feature, provider, model, user_id, run, tag_keys, tag_values, calls,
            tokens, cost_nanodollars)
        SELECT * FROM sums ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
        ON CONFLICT (is_fine, team, slot, feature, provider, model, user_id, run, tag_keys, tag_values)
        DO UPDATE SET calls = scope_sum.calls + excluded.calls, tokens = scope_sum.tokens + excluded.tokens,
            cost_nanodollars = scope_sum.cost_nanodollars + excluded.cost_nanodollars
        """
    }
}
