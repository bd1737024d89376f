-- title: What teams without a cost centre spent
-- parameter month: The month; this month unless given | month
-- parameter from: The first day, in place of a month | day
-- parameter to: The day after the last | day
-- parameter team: This team alone | team
-- column team: Team
-- column owner: Owner
-- column calls: Calls | count | total
-- column cost_usd: Cost | usd | total
-- column unpriced_calls: Unpriced calls | count | total
-- column share_percent: Share of all % | text | total round(sum(cost_usd) * 100 / NULLIF(max(whole), 0), 2)::text
-- purser team set TEAM --cost-center says who pays.
WITH spent AS (
    SELECT team, sum(calls) AS calls, sum(effective_cost_nanodollars) AS cost, sum(unpriced_calls) AS unpriced_calls
    FROM daily_cost WHERE :in_range AND (:team::text IS NULL OR team = :team) GROUP BY team
), whole AS (SELECT sum(cost) AS whole FROM spent)
SELECT s.team, t.owner, s.calls, s.cost AS cost_usd, s.unpriced_calls, whole,
    round(s.cost * 100 / NULLIF(whole, 0), 2)::text AS share_percent
FROM spent s CROSS JOIN whole LEFT JOIN team t ON t.name = s.team
WHERE t.cost_center IS NULL
ORDER BY s.cost DESC NULLS LAST, s.team
