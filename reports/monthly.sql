-- title: What each team and feature spent
-- column team: Team
-- column feature: Feature
-- column calls: Calls | count | total
-- column input_tokens: Input tokens | count | total
-- column output_tokens: Output tokens | count | total
-- column list_cost_usd: List cost | usd | total
-- column cost_usd: Cost | usd | total
-- column unpriced_calls: Unpriced calls | count | total
SELECT team, feature,
    sum(calls) AS calls,
    sum(input_tokens) AS input_tokens,
    sum(output_tokens) AS output_tokens,
    sum(list_cost_nanodollars) AS list_cost_usd,
    sum(effective_cost_nanodollars) AS cost_usd,
    sum(unpriced_calls) AS unpriced_calls
FROM daily_cost
WHERE booking_month = :month AND (:team::text IS NULL OR team = :team)
GROUP BY team, feature
ORDER BY team, feature
