-- title: What each user spent
-- parameter month: The month; this month unless given | month
-- parameter from: The first day, in place of a month | day
-- parameter to: The day after the last | day
-- parameter team: This team alone | team
-- column user: User
-- column team: Team
-- column adjusts_month: Adjusts
-- column calls: Calls | count | total
-- column input_tokens: Input tokens | count | total
-- column output_tokens: Output tokens | count | total
-- column list_cost_usd: List cost | usd | total
-- column cost_usd: Cost | usd | total
-- column unpriced_calls: Unpriced calls | count | total
-- Calls that name no user are in lines without one, so the totals are those of every other report. Names that were erased are
-- put together.
SELECT CASE WHEN user_id <> 0 THEN COALESCE(p.name, 'erased') END AS user, team, adjusts_month,
    sum(calls) AS calls,
    sum(input_tokens) AS input_tokens,
    sum(output_tokens) AS output_tokens,
    sum(list_cost) AS list_cost_usd,
    sum(cost) AS cost_usd,
    sum(unpriced_calls) AS unpriced_calls
FROM (
    SELECT user_id, team, adjusts_month(day, booking_month) AS adjusts_month, sum(calls) AS calls,
        sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens, sum(list_cost_nanodollars) AS list_cost,
        sum(effective_cost_nanodollars) AS cost, sum(unpriced_calls) AS unpriced_calls
    FROM detailed_cost
    WHERE :in_range AND (:team::text IS NULL OR team = :team)
    GROUP BY 1, 2, 3
) s LEFT JOIN person p USING (user_id)
GROUP BY 1, 2, 3
ORDER BY cost_usd DESC NULLS LAST, 1 NULLS LAST, 2, 3 NULLS FIRST
