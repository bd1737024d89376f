-- title: What each model cost
-- parameter month: The month; this month unless given | month
-- parameter from: The first day, in place of a month | day
-- parameter to: The day after the last | day
-- parameter team: This team alone | team
-- column provider: Provider
-- column model: Model
-- column service_tier: Service tier
-- column calls: Calls | count | total
-- column input_tokens: Input tokens | count | total
-- column cache_read_tokens: of it read from cache | count | total
-- column cache_write_tokens: of it written to cache | count | total
-- column output_tokens: Output tokens | count | total
-- column reasoning_tokens: of it reasoning | count | total
-- column list_cost_usd: List cost | usd | total
-- column cost_usd: Cost | usd | total
-- column unpriced_calls: Unpriced calls | count | total
-- column adjusts_month: Adjusts
SELECT provider, model, service_tier,
    sum(calls) AS calls,
    sum(input_tokens) AS input_tokens,
    sum(cache_read_tokens) AS cache_read_tokens,
    sum(cache_write_tokens) AS cache_write_tokens,
    sum(output_tokens) AS output_tokens,
    sum(reasoning_tokens) AS reasoning_tokens,
    sum(list_cost_nanodollars) AS list_cost_usd,
    sum(effective_cost_nanodollars) AS cost_usd,
    sum(unpriced_calls) AS unpriced_calls,
    adjusts_month(day, booking_month) AS adjusts_month
FROM daily_cost
WHERE :in_range AND (:team::text IS NULL OR team = :team)
GROUP BY provider, model, service_tier, adjusts_month(day, booking_month)
ORDER BY provider, model, service_tier, adjusts_month NULLS FIRST
