-- title: What each team and feature spent
-- parameter month: The month; this month unless given | month
-- parameter team: This team alone | team
-- column team: Team
-- column feature: Feature
-- column calls: Calls | count | total
-- column input_tokens: Input tokens | count | total
-- column output_tokens: Output tokens | count | total
-- column list_cost_usd: List cost | usd | total
-- column cost_usd: Cost | usd | total
-- column unpriced_calls: Unpriced calls | count | total
-- column adjusts_month: Adjusts
-- column before_usd: Month before | usd | total
-- column change_usd: Change | usd | total
-- column volume_usd: by volume | usd | total
-- column price_usd: by price | usd | total
-- column mix_usd: by mix | usd | total
-- The change of a feature is split by its models (provider, model and tier), counted in tokens. Volume: its tokens more than
-- before, at what its tokens cost on average before. Price: of each model used in both months, its tokens now, by how much each
-- costs more than before. Mix: the rest, so the three are the change to the nanodollar; it has models that came or went, and
-- the whole change of lines of adjustments, which are of no calls of the month. Where a feature had no tokens before, all is
-- volume. What has no price counts as nothing in the change.
WITH used AS (
    SELECT booking_month = :month AS is_now, team, feature, adjusts_month(day, booking_month) AS adjusts_month, provider, model,
        service_tier, sum(calls) AS calls, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
        sum(list_cost_nanodollars) AS list_cost, sum(effective_cost_nanodollars) AS cost,
        sum(unpriced_calls) AS unpriced_calls
    FROM daily_cost
    WHERE booking_month IN (:month, (:month::date - interval '1 month')::date) AND (:team::text IS NULL OR team = :team)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), item AS (
    SELECT team, feature, adjusts_month, provider, model, service_tier,
        sum(input_tokens + output_tokens) FILTER (WHERE is_now AND cost IS NOT NULL) AS tokens,
        sum(input_tokens + output_tokens) FILTER (WHERE NOT is_now AND cost IS NOT NULL) AS tokens_before,
        sum(cost) FILTER (WHERE is_now) AS cost,
        sum(cost) FILTER (WHERE NOT is_now) AS cost_before
    FROM used GROUP BY 1, 2, 3, 4, 5, 6
), change AS (
    SELECT team, feature, adjusts_month,
        COALESCE(sum(cost_before), 0) AS before,
        COALESCE(sum(cost), 0) - COALESCE(sum(cost_before), 0) AS change,
        CASE WHEN COALESCE(sum(tokens_before), 0) > 0
            THEN round((COALESCE(sum(tokens), 0) - sum(tokens_before)) * COALESCE(sum(cost_before), 0) / sum(tokens_before))
            ELSE COALESCE(sum(cost), 0) - COALESCE(sum(cost_before), 0) END AS volume,
        COALESCE(round(sum(cost - cost_before * tokens / tokens_before) FILTER (WHERE tokens > 0 AND tokens_before > 0)), 0)
            AS price
    FROM item GROUP BY 1, 2, 3
), spent AS (
    SELECT team, feature, adjusts_month, COALESCE(sum(calls) FILTER (WHERE is_now), 0) AS calls,
        COALESCE(sum(input_tokens) FILTER (WHERE is_now), 0) AS input_tokens,
        COALESCE(sum(output_tokens) FILTER (WHERE is_now), 0) AS output_tokens,
        CASE WHEN bool_or(is_now) THEN sum(list_cost) FILTER (WHERE is_now) ELSE 0 END AS list_cost,
        CASE WHEN bool_or(is_now) THEN sum(cost) FILTER (WHERE is_now) ELSE 0 END AS cost,
        COALESCE(sum(unpriced_calls) FILTER (WHERE is_now), 0) AS unpriced_calls
    FROM used GROUP BY 1, 2, 3
)
SELECT s.team, s.feature, calls, input_tokens, output_tokens, list_cost AS list_cost_usd, cost AS cost_usd, unpriced_calls,
    s.adjusts_month, before AS before_usd, change AS change_usd,
    CASE WHEN s.adjusts_month IS NULL THEN volume ELSE 0 END AS volume_usd,
    CASE WHEN s.adjusts_month IS NULL THEN price ELSE 0 END AS price_usd,
    CASE WHEN s.adjusts_month IS NULL THEN change - volume - price ELSE change END AS mix_usd
FROM spent s JOIN change c ON (c.team, c.feature) = (s.team, s.feature)
    AND c.adjusts_month IS NOT DISTINCT FROM s.adjusts_month
ORDER BY s.team, s.feature, s.adjusts_month NULLS FIRST
