import Accounting
import Postgres

/// What calls have held and spent by day, team, feature and model, as histograms (table `estimate_sum`), so that the report
/// `estimates` needs no scan of the ledger.
///
/// A call counts in the month and on the day where its entry does, with the cost that it was recorded with. Calls that were
/// recorded without a price, and entries that a server made of expired holds, say nothing of estimates.
enum EstimateSums {
    static let fold = EntryFold(fences: "estimate_sum_fence", add: add)

    /// Which entries (alias `l`) count.
    private static let counts: SQL =
        """
        l.kind = 'usage' AND l.hold_number IS NOT NULL AND l.estimate_nanodollars IS NOT NULL
            AND l.effective_cost_nanodollars IS NOT NULL
        """

    /// Adds entries, and takes out what they take back. The sums are the same in whatever order both come.
    static func add(after: Int64, upTo: Int64) -> SQL {
        """
        WITH added AS (
            SELECT * FROM ledger l WHERE l.entry_id > \(after) AND l.entry_id <= \(upTo)
        ), changed AS (
            SELECT 1 AS calls, l.booking_month, l.day, l.team, l.feature, l.provider, l.model, l.estimate_nanodollars AS held,
                l.effective_cost_nanodollars AS spent
            FROM added l WHERE \(sql: counts)
            UNION ALL
            SELECT -1, l.booking_month, l.day, l.team, l.feature, l.provider, l.model, l.estimate_nanodollars,
                l.effective_cost_nanodollars
            FROM added r JOIN ledger l ON l.entry_id = r.corrects_entry_id
            WHERE r.kind = 'reversal' AND \(sql: counts)
        )
        INSERT INTO estimate_sum (booking_month, day, team, feature, provider, model, measure, bucket, calls,
            held_nanodollars, spent_nanodollars)
        SELECT c.booking_month, c.day, c.team, COALESCE(c.feature, ''), c.provider, c.model, m.measure, m.bucket,
            sum(c.calls), sum(c.calls * c.held::numeric), sum(c.calls * c.spent::numeric)
        FROM changed c CROSS JOIN LATERAL (VALUES
            ('held', bucket_of_amount(c.held)), ('spent', bucket_of_amount(c.spent)),
            ('used', bucket_of_share(c.spent, c.held))) AS m(measure, bucket)
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
        ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
        ON CONFLICT (booking_month, day, team, feature, provider, model, measure, bucket)
        DO UPDATE SET calls = estimate_sum.calls + excluded.calls,
            held_nanodollars = estimate_sum.held_nanodollars + excluded.held_nanodollars,
            spent_nanodollars = estimate_sum.spent_nanodollars + excluded.spent_nanodollars
        """
    }
}
