-- title: Calls that nobody settled, and what is charged for them
-- parameter month: The month; this month unless given | month
-- parameter from: The first day, in place of a month | day
-- parameter to: The day after the last | day
-- parameter team: This team alone | team
-- column team: Team
-- column feature: Feature
-- column model: Model
-- column budget: Budget of a lease
-- column calls: Calls | count | total
-- column worst_case_usd: At the most | usd | total
-- column charged_usd: Charged | usd | total
-- Calls count on the day when their holds expired, until they are settled after all. What was left of leases of servers that
-- are gone is in rows of their budgets: nobody knows of which calls it is. It is money only for budgets in money.
SELECT u.team, u.feature, u.model, b.id AS budget,
    count(*) FILTER (WHERE u.kind = 'hold') AS calls,
    COALESCE(sum(u.amount) FILTER (WHERE b.unit IS NULL OR b.unit = 'usd'), 0) AS worst_case_usd,
    COALESCE(sum(u.estimated_nanodollars), 0) AS charged_usd
FROM deployment, unsettled u
LEFT JOIN budget_window w ON w.window_id = u.window_id LEFT JOIN budget b USING (budget_number)
WHERE u.entry_id IS NULL
    AND u.recorded_at >= :from::date::timestamp AT TIME ZONE accounting_time_zone
    AND u.recorded_at < :to::date::timestamp AT TIME ZONE accounting_time_zone
    AND (:team::text IS NULL OR u.team = :team)
GROUP BY u.team, u.feature, u.model, b.id
ORDER BY u.team, u.feature, u.model, b.id
