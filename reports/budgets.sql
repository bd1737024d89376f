-- title: How budgets stood in the windows of the month
-- column budget: Budget
-- column team: Team
-- column period: Period
-- column window_start: Window from
-- column window_end: Window to
-- column enforcement: Enforcement
-- column unit: Unit
-- column limit_usd: Limit | usd
-- column spent_usd: Spent | usd
-- column remaining_usd: Remaining | usd
-- column limit_count: Limit in units | count
-- column spent_count: Spent in units | count
-- column used_percent: Used %
SELECT b.id AS budget, b.team, b.period,
    to_char(w.starts_at AT TIME ZONE b.time_zone, 'YYYY-MM-DD') AS window_start,
    to_char(w.ends_at AT TIME ZONE b.time_zone, 'YYYY-MM-DD') AS window_end,
    b.enforcement, b.unit,
    CASE WHEN b.unit = 'usd' THEN w.limit_amount END AS limit_usd,
    CASE WHEN b.unit = 'usd' THEN w.spent END AS spent_usd,
    CASE WHEN b.unit = 'usd' THEN w.limit_amount::numeric - w.spent END AS remaining_usd,
    CASE WHEN b.unit <> 'usd' THEN w.limit_amount END AS limit_count,
    CASE WHEN b.unit <> 'usd' THEN w.spent END AS spent_count,
    CASE WHEN w.limit_amount > 0 THEN round(w.spent * 100.0 / w.limit_amount, 2)::text END AS used_percent
FROM window_total w JOIN budget b USING (budget_number), deployment d
WHERE w.starts_at < ((:month::date + interval '1 month')::timestamp AT TIME ZONE d.accounting_time_zone)
    AND (w.ends_at IS NULL OR w.ends_at > (:month::date::timestamp AT TIME ZONE d.accounting_time_zone))
    AND (:team::text IS NULL OR b.team = :team)
ORDER BY b.id, w.starts_at
