-- title: What each provider will invoice after credits
-- parameter month: The month; this month unless given | month
-- parameter team: This team alone | team
-- column provider: Provider
-- column calls: Calls | count | total
-- column list_cost_usd: List cost | usd | total
-- column cost_usd: Effective cost | usd | total
-- column credits_usd: Paid by credits | usd | total
-- column invoice_usd: To be invoiced | usd | total
-- column unpriced_calls: Unpriced calls | count | total
-- column earlier_usd: Cost of earlier months in it | usd | total
-- By the month calls are booked in: what comes late for a closed month is in the first open one, though the provider bills it in
-- its own.
SELECT provider, calls,
    list_cost AS list_cost_usd,
    cost AS cost_usd,
    COALESCE(drawn, 0) AS credits_usd,
    cost - COALESCE(drawn, 0) AS invoice_usd,
    unpriced_calls,
    earlier AS earlier_usd
FROM (
    SELECT provider,
        sum(calls) AS calls,
        sum(list_cost_nanodollars) AS list_cost,
        sum(effective_cost_nanodollars) AS cost,
        COALESCE(sum(effective_cost_nanodollars) FILTER (WHERE day < booking_month), 0) AS earlier,
        sum(unpriced_calls) AS unpriced_calls
    FROM daily_cost WHERE booking_month = :month AND (:team::text IS NULL OR team = :team) GROUP BY provider
) r
LEFT JOIN (
    SELECT c.provider, sum(p.drawn_nanodollars) AS drawn
    FROM credits_paid(:month) p JOIN credit c ON c.id = p.credit_id
    WHERE p.booking_month = :month AND (:team::text IS NULL OR p.team = :team) GROUP BY c.provider
) d USING (provider)
ORDER BY provider
