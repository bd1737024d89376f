-- title: How budgets stood in the windows of the month
-- parameter month: The month; this month unless given | month
-- parameter team: This team alone | team
-- column budget: Budget
-- column team: Team
-- column state: State
-- column period: Period
-- column window_start: Window from
-- column window_end: Window to
-- column enforcement: Enforcement
-- column unit: Unit
-- column value_count: Values | count
-- column limit_usd: Limit | usd
-- column spent_usd: Spent | usd
-- column unspent_usd: Unspent | usd
-- column limit_count: Limit in units | count
-- column spent_count: Spent in units | count
-- column used_percent: Used %
-- A window is in `window_total` once a call needed it. A budget without one in the month has spent nothing in it. Where each
-- value has a window of its own, the limit is that of one value, and the values have spent together.
WITH span AS (
    SELECT :month::date::timestamp AT TIME ZONE accounting_time_zone AS starts_at,
        (:month::date + interval '1 month')::timestamp AT TIME ZONE accounting_time_zone AS ends_at
    FROM deployment
), shown AS (
    SELECT b.*, EXISTS (
        SELECT FROM budget n WHERE n.id = b.id AND n.budget_number > b.budget_number AND n.created_at < s.ends_at
    ) AS is_made_again
    FROM budget b, span s
    WHERE b.created_at < s.ends_at AND (b.removed_at IS NULL OR b.removed_at >= s.starts_at)
        AND (:team::text IS NULL OR b.team = :team)
), opened AS (
    SELECT b.budget_number, w.starts_at, w.ends_at, max(w.limit_amount) AS limit_amount, sum(w.spent) AS spent,
        count(*) FILTER (WHERE w.value <> '') AS value_count
    FROM shown b JOIN window_total w USING (budget_number), span s
    WHERE w.starts_at < s.ends_at AND (w.ends_at IS NULL OR w.ends_at > s.starts_at)
        -- What a budget has spent that was removed and made again is in the new one's window.
        AND NOT (b.is_made_again AND EXISTS (
            SELECT FROM budget n JOIN budget_window nw USING (budget_number)
            WHERE n.id = b.id AND n.budget_number > b.budget_number AND nw.starts_at = w.starts_at))
    GROUP BY b.budget_number, w.starts_at, w.ends_at
), standing AS (
    SELECT * FROM opened
    UNION ALL
    SELECT budget_number, NULL, NULL, limit_amount, 0, 0 FROM shown b
    WHERE NOT is_made_again AND NOT EXISTS (SELECT FROM opened o WHERE o.budget_number = b.budget_number)
)
SELECT b.id AS budget, b.team,
    CASE WHEN b.removed_at IS NOT NULL
            THEN 'removed ' || to_char(b.removed_at AT TIME ZONE b.time_zone, 'YYYY-MM-DD')
        WHEN w.starts_at IS NULL THEN 'unused' ELSE 'active' END AS state,
    COALESCE(b.extended_period, b.period) AS period,
    to_char(w.starts_at AT TIME ZONE b.time_zone, 'YYYY-MM-DD') AS window_start,
    to_char(w.ends_at AT TIME ZONE b.time_zone, 'YYYY-MM-DD') AS window_end,
    b.enforcement, b.unit,
    CASE WHEN b.each_fields <> '{}' THEN w.value_count END AS value_count,
    CASE WHEN b.unit = 'usd' THEN w.limit_amount END AS limit_usd,
    CASE WHEN b.unit = 'usd' THEN w.spent END AS spent_usd,
    CASE WHEN b.unit = 'usd' AND b.each_fields = '{}' THEN w.limit_amount::numeric - w.spent END AS unspent_usd,
    CASE WHEN b.unit <> 'usd' THEN w.limit_amount END AS limit_count,
    CASE WHEN b.unit <> 'usd' THEN w.spent END AS spent_count,
    CASE WHEN w.limit_amount > 0 AND b.each_fields = '{}' THEN round(w.spent * 100.0 / w.limit_amount, 2)::text END AS used_percent
FROM standing w JOIN budget b USING (budget_number)
ORDER BY b.id, w.starts_at, b.budget_number
