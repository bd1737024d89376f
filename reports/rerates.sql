-- title: What corrections of prices booked in the time add
-- parameter month: The month; this month unless given | month
-- parameter from: The first day, in place of a month | day
-- parameter to: The day after the last | day
-- parameter team: This team alone | team
-- column team: Team
-- column day: Day of the calls
-- column provider: Provider
-- column model: Model
-- column service_tier: Tier
-- column newly_priced: Calls priced for the first time | count | total
-- column repriced: Calls priced otherwise | count | total
-- column difference_usd: Difference | usd | total
-- One row for the calls of a day; a closed month's corrections are booked in the first open one.
SELECT team, day::text AS day, provider, model, service_tier,
    count(*) FILTER (WHERE source = 'pricing') AS newly_priced,
    count(*) FILTER (WHERE source <> 'pricing') AS repriced,
    sum(effective_cost_nanodollars) AS difference_usd
FROM ledger
-- An index has the entries that correct another, and only this condition tells PostgreSQL so.
WHERE corrects_entry_id IS NOT NULL AND kind = 'adjustment' AND :in_range
    AND (:team::text IS NULL OR team = :team)
GROUP BY team, day, provider, model, service_tier
ORDER BY team, day, provider, model, service_tier
