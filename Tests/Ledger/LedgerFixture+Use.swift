import Accounting
import Postgres

@testable import Ledger

extension LedgerFixture {
    /// Books unpriced calls of one model, `daysAgo` days before today.
    static func use(
        _ model: String, of provider: String, daysAgo: Int, unpriced: Int64, team: String = "t",
        _ connection: Connection
    ) throws {
        try connection.execute(
            """
            INSERT INTO rollup (booking_month, day, team, feature, provider, model, service_tier, status, tag_1, tag_2,
                tag_3, tag_4, entries, calls, unpriced_calls, downgraded_calls, input_tokens, cache_read_tokens,
                cache_write_tokens, output_tokens, reasoning_tokens, list_cost_nanodollars, effective_cost_nanodollars,
                saved_nanodollars)
            SELECT date_trunc('month', day)::date, day, \(team), '', \(provider), \(model), 'standard', 'ok', '', '', '', '',
                5, 5, \(unpriced), 0, 0, 0, 0, 0, 0, 0, 0, 0
            FROM (SELECT (now() AT TIME ZONE 'UTC')::date - \(Int64(daysAgo))::int AS day) d
            """)
    }
}

extension Team.Patch {
    static func unsettled(_ rule: BudgetRules.Unsettled) -> Team.Patch {
        var patch = Team.Patch()
        patch.unsettled = rule
        return patch
    }
}
