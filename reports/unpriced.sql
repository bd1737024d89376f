-- title: Which calls have no price
-- parameter month: The month; this month unless given | month
-- parameter from: The first day, in place of a month | day
-- parameter to: The day after the last | day
-- parameter team: This team alone | team
-- column provider: Provider
-- column model: Model
-- column service_tier: Service tier
-- column team: Team
-- column first_day: First day
-- column last_day: Last day
-- column unpriced_calls: Unpriced calls | count | total
-- column calls: Calls of these days | count | total
-- column tokens_at_most: Tokens, at the most | count | total
-- Their cost is in no other figure. Daily sums do not tell the tokens of unpriced calls from those of others of their day, so
-- tokens are those of all. A price that is added prices them by corrections: purser price rerate.
SELECT provider, model, service_tier, team,
    min(day)::text AS first_day,
    max(day)::text AS last_day,
    sum(unpriced_calls) AS unpriced_calls,
    sum(calls) AS calls,
    sum(input_tokens::numeric + output_tokens) AS tokens_at_most
FROM (
    -- The calls of a day and their corrections, whatever month these are booked in within the range.
    SELECT provider, model, service_tier, team, day, sum(unpriced_calls) AS unpriced_calls, sum(calls) AS calls,
        sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens
    FROM daily_cost WHERE :in_range AND (:team::text IS NULL OR team = :team)
    GROUP BY provider, model, service_tier, team, day HAVING sum(unpriced_calls) <> 0
) d
GROUP BY provider, model, service_tier, team
ORDER BY unpriced_calls DESC, provider, model, service_tier, team
