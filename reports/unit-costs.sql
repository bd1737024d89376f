-- title: What a call, a thousand tokens and a unit of quality cost
-- parameter month: The month; this month unless given | month
-- parameter from: The first day, in place of a month | day
-- parameter to: The day after the last | day
-- parameter team: This team alone | team
-- parameter group_by: What the lines are of | up to 1 of team, feature, user, run, tag:KEY, cost_center, provider, model, service_tier, day, week, month
-- column group_by: Group | group
-- column adjusts_month: Adjusts
-- column calls: Calls | count | total
-- column tokens: Tokens | count | total
-- column cost_usd: Cost | usd | total
-- column unpriced_calls: Unpriced calls | count | total
-- column call_usd: A call, USD | price | total round(sum(cost_usd) / NULLIF(sum(calls) - sum(unpriced_calls), 0))
-- column thousand_tokens_usd: 1,000 tokens, USD | price | total CASE WHEN sum(unpriced_calls) = 0 THEN round(sum(cost_usd) * 1000 / NULLIF(sum(tokens), 0)) END
-- column judged_calls: Calls with a quality | count | total
-- column quality: Quality, mean | text | total round(sum(quality_sum) / NULLIF(sum(judged_calls), 0) / 1000000, 4)::text
-- column quality_unit_usd: A unit of quality, USD | price | total round(sum(judged_cost) * 1000000 / NULLIF(sum(quality_sum), 0))
-- The quality of a call is what its router said of it; a unit of it is what the calls with a quality cost, by the sum of their
-- qualities. Unpriced calls cost nothing known, so the cost of a call leaves them out, and that of tokens is not known.
SELECT group_value(:group_by_1, s.team, t.cost_center, feature, user_id, p.name, run, tag_keys, tag_values, provider, model,
        service_tier, day, booking_month) AS group_by_1,
    adjusts_month(day, booking_month) AS adjusts_month,
    sum(calls) AS calls,
    sum(input_tokens + output_tokens) AS tokens,
    sum(effective_cost_nanodollars) AS cost_usd,
    sum(unpriced_calls) AS unpriced_calls,
    round(sum(effective_cost_nanodollars) / NULLIF(sum(calls) - sum(unpriced_calls), 0)) AS call_usd,
    CASE WHEN sum(unpriced_calls) = 0 THEN
        round(sum(effective_cost_nanodollars) * 1000 / NULLIF(sum(input_tokens + output_tokens), 0)) END AS thousand_tokens_usd,
    sum(judged_calls) AS judged_calls,
    round(sum(quality_millionths) / NULLIF(sum(judged_calls), 0) / 1000000, 4)::text AS quality,
    round(sum(judged_cost_nanodollars) * 1000000 / NULLIF(sum(quality_millionths), 0)) AS quality_unit_usd,
    sum(quality_millionths) AS quality_sum,
    sum(judged_cost_nanodollars) AS judged_cost
FROM detailed_cost s LEFT JOIN team_then t ON t.month = s.booking_month AND t.team = s.team LEFT JOIN person p USING (user_id)
WHERE :in_range AND (:team::text IS NULL OR s.team = :team)
GROUP BY 1, 2
ORDER BY cost_usd DESC NULLS LAST, 1 NULLS LAST, 2 NULLS FIRST
