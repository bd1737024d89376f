import Accounting
import Postgres

/// Sums of the ledger by quarter of an hour and everything that a scope can name (table `scope_sum`), so that the total
/// of a scope needs no scan of the ledger. What follows the sums' fences is read from the ledger itself.
enum ScopeSums {
    static let fold = EntryFold(fences: "scope_sum_fence", add: add)

    /// Of each replica with entries that are not in the sums yet, the last one that is.
    static func fences(_ transaction: borrowing Transaction) throws -> [(replicaID: Int64, entryID: Int64)] {
        try transaction.query(
            """
            SELECT r.replica_id, GREATEST(f.entry_id, r.replica_id << 40) FROM replica r
            LEFT JOIN scope_sum_fence f USING (replica_id)
            WHERE EXISTS (SELECT 1 FROM batch b
                WHERE b.replica_id = r.replica_id AND b.number > COALESCE(f.batch_number, 0))
            """
        ).map { try $0.decode((Int64, Int64).self) }
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
