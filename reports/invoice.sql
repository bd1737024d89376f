-- title: What each provider will invoice after credits
-- column provider: Provider
-- column calls: Calls | count | total
-- column list_cost_usd: List cost | usd | total
-- column cost_usd: Effective cost | usd | total
-- column credits_usd: Paid by credits | usd | total
-- column invoice_usd: To be invoiced | usd | total
-- column unpriced_calls: Unpriced calls | count | total
-- By the month calls are booked in: what comes late for a closed month is in the first open one.
SELECT provider, calls,
    CASE WHEN is_known THEN list_cost END AS list_cost_usd,
    CASE WHEN is_known THEN cost END AS cost_usd,
    COALESCE(drawn, 0) AS credits_usd,
    CASE WHEN is_known THEN cost - COALESCE(drawn, 0) END AS invoice_usd,
    unpriced_calls
FROM (
    SELECT provider,
        sum(calls) AS calls,
        sum(list_cost_nanodollars) AS list_cost,
        sum(effective_cost_nanodollars) AS cost,
        sum(unpriced_calls) AS unpriced_calls,
        -- Nothing known of any call is no cost, not a cost of 0.
        sum(calls) > sum(unpriced_calls) OR sum(calls) = 0 OR sum(effective_cost_nanodollars) <> 0 AS is_known
    FROM rollup WHERE booking_month = :month AND (:team::text IS NULL OR team = :team) GROUP BY provider
) r
LEFT JOIN (
    SELECT provider, sum(drawn_nanodollars) AS drawn
    FROM credits_drawn(:month) WHERE booking_month = :month AND (:team::text IS NULL OR team = :team) GROUP BY provider
) d USING (provider)
ORDER BY provider
