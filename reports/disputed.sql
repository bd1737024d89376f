-- title: Usage that was refused because its id has other content
-- parameter month: The month; this month unless given | month
-- parameter from: The first day, in place of a month | day
-- parameter to: The day after the last | day
-- parameter team: This team alone | team
-- column team: Team
-- column provider: Provider
-- column model: Model
-- column refused: Refused | count | total
-- column refused_usd: Refused, cost | usd | total
-- column open: Open | count | total
-- column open_usd: Open, cost | usd | total
-- column accepted: Accepted | count | total
-- column accepted_usd: Accepted, cost | usd | total
-- column dismissed: Dismissed | count | total
-- By the day of the calls. What is open may be real money that is in no other report; what was accepted is in all of them.
SELECT d.team, d.provider, d.model, count(*) AS refused, COALESCE(sum(d.cost_nanodollars), 0) AS refused_usd,
    count(*) FILTER (WHERE d.state = 'open') AS open,
    COALESCE(sum(d.cost_nanodollars) FILTER (WHERE d.state = 'open'), 0) AS open_usd,
    count(*) FILTER (WHERE d.state = 'accepted') AS accepted,
    COALESCE(sum(d.cost_nanodollars) FILTER (WHERE d.state = 'accepted'), 0) AS accepted_usd,
    count(*) FILTER (WHERE d.state = 'dismissed') AS dismissed
FROM deployment, disputed d
WHERE d.occurred_at >= :from::date::timestamp AT TIME ZONE accounting_time_zone
    AND d.occurred_at < :to::date::timestamp AT TIME ZONE accounting_time_zone
    AND (:team::text IS NULL OR d.team = :team)
GROUP BY d.team, d.provider, d.model
ORDER BY d.team, d.provider, d.model
