-- title: What providers say that calls cost, beside the ledger
-- column day: Day of the calls
-- column provider: Provider
-- column model: Model
-- column calls: Calls with a provider's figure | count | total
-- column provider_cost_usd: Provider's cost | usd | total
-- column cost_usd: List cost here | usd | total
-- column difference_usd: Difference | usd | total
-- column differing_calls: Calls that differ | count | total
-- column unpriced_calls: Unpriced calls | count | total
-- Calls whose reporter passed on what the provider charged. Without a price of ours there is nothing to compare, so their
-- provider's figure is left out of the difference.
WITH compared AS (
    SELECT l.day, l.provider, l.model, l.provider_cost_nanodollars AS theirs,
        l.list_cost_nanodollars
            + CASE WHEN l.list_cost_nanodollars IS NOT NULL THEN COALESCE(c.list_cost, 0) END AS ours
    FROM ledger l CROSS JOIN LATERAL (
        SELECT sum(list_cost_nanodollars) AS list_cost FROM ledger WHERE corrects_entry_id = l.entry_id
    ) c
    WHERE l.booking_month = :month AND (:team::text IS NULL OR l.team = :team)
        AND l.kind = 'usage' AND l.provider_cost_nanodollars IS NOT NULL
)
SELECT day::text AS day, provider, model, count(*) AS calls, sum(theirs) AS provider_cost_usd, sum(ours) AS cost_usd,
    sum(ours - theirs) AS difference_usd, count(*) FILTER (WHERE ours <> theirs) AS differing_calls,
    count(*) FILTER (WHERE ours IS NULL) AS unpriced_calls
FROM compared
GROUP BY day, provider, model
ORDER BY day, provider, model
