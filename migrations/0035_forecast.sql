-- compatible
-- What a month will have cost by its end, from the days before. Docs: docs/finance.md, "Forecast".

-- What `days` days from day `at` on will cost. `sums` has what was spent before each day, from day 0 to day `at` at the least;
-- NULL before four weeks are known, or if nothing was spent in them. Weeks cost what the last seven days did,
-- shared out to the weekdays as in the last four weeks.
CREATE FUNCTION forecast_of(sums numeric[], at integer, days integer) RETURNS numeric LANGUAGE sql IMMUTABLE
RETURN CASE WHEN at >= 28 THEN
    (sums[at + 1] - sums[at - 6]) * (
        (days / 7) * (sums[at + 1] - sums[at - 27])
        + sums[at - 6 + days % 7] - sums[at - 6] + sums[at - 13 + days % 7] - sums[at - 13]
        + sums[at - 20 + days % 7] - sums[at - 20] + sums[at - 27 + days % 7] - sums[at - 27])
    / NULLIF(sums[at + 1] - sums[at - 27], 0) END;

-- The forecast of a month for all teams together, each team and each of its features, in nanodollars, at a moment. The weeks before
-- end with the day before it; a straight line goes through the moment. Errors are what past forecasts, made as many days before their end, were wrong by: the sum of all
-- differences, in millionths of what was spent.
CREATE FUNCTION month_forecast(wanted date, moment timestamptz, only_team text)
RETURNS TABLE (
    scope text, team text, feature text, spent numeric, forecast numeric, low numeric, high numeric,
    error_millionths numeric, straight_line_error_millionths numeric, last_month_error_millionths numeric,
    origins bigint, method text)
LANGUAGE sql STABLE AS $$
WITH span AS (
    SELECT origin, following - wanted AS month_days, following - origin AS days_left,
        extract(epoch FROM now_there - wanted) / 86400 AS days_and_hours_gone
    FROM (
        SELECT (wanted + interval '1 month')::date AS following, moment AT TIME ZONE accounting_time_zone AS now_there
        FROM deployment
    ) f
    CROSS JOIN LATERAL (SELECT GREATEST(LEAST(now_there::date, following), wanted) AS origin) o
), cost AS (
    -- The level is 0 of a feature, 1 of a team and 3 of all together.
    SELECT GROUPING(d.team, d.feature) AS level, COALESCE(d.team, '') AS team, COALESCE(d.feature, '') AS feature, d.day,
        COALESCE(sum(d.effective_cost_nanodollars), 0)::numeric AS amount
    FROM daily_cost d, span s
    WHERE d.day >= s.origin - 182 AND d.day < s.origin AND d.booking_month >= s.origin - 213
        AND (only_team IS NULL OR d.team = only_team)
    GROUP BY GROUPING SETS ((d.team, d.feature, d.day), (d.team, d.day), (d.day))
), booked AS (
    SELECT GROUPING(d.team, d.feature) AS level, COALESCE(d.team, '') AS team, COALESCE(d.feature, '') AS feature,
        COALESCE(sum(d.effective_cost_nanodollars), 0)::numeric AS spent,
        COALESCE(sum(d.effective_cost_nanodollars) FILTER (WHERE d.day >= s.origin), 0)::numeric AS since
    FROM daily_cost d, span s WHERE d.booking_month = wanted AND (only_team IS NULL OR d.team = only_team)
    GROUP BY GROUPING SETS ((d.team, d.feature), (d.team), ())
), day AS (
    SELECT p.level, p.team, p.feature, g.day::date - p.begins AS number, COALESCE(c.amount, 0) AS amount
    FROM (SELECT level, team, feature, min(day) AS begins FROM cost GROUP BY 1, 2, 3) p CROSS JOIN span s
    CROSS JOIN generate_series(p.begins, s.origin, interval '1 day') AS g(day)
    LEFT JOIN cost c ON c.level = p.level AND c.team = p.team AND c.feature = p.feature AND c.day = g.day::date
), known AS (
    SELECT d.*, s.days_left, s.month_days, s.month_days - s.days_left AS days_gone
    FROM span s CROSS JOIN (
        SELECT level, team, feature, max(number) AS at, array_agg(before ORDER BY number) AS sums
        FROM (
            SELECT level, team, feature, number,
                sum(amount) OVER (PARTITION BY level, team, feature ORDER BY number) - amount AS before
            FROM day
        ) b GROUP BY 1, 2, 3
    ) d
), past AS (
    -- Months that ended on days before this one, each as far from its end as this one is: what they came to, and what was known.
    SELECT k.level, k.team, k.feature, k.days_gone, k.month_days, forecast_of(sums, o, days_left) AS forecast_rest,
        sums[o + days_left + 1] - sums[o + 1] AS rest, sums[o + 1] - sums[o - days_gone + 1] AS gone,
        sums[o + days_left + 1] - sums[o - days_gone + 1] AS total,
        CASE WHEN o - days_gone >= month_days THEN sums[o - days_gone + 1] - sums[o - days_gone - month_days + 1] END
            AS month_before
    FROM known k CROSS JOIN LATERAL generate_series(GREATEST(28, days_gone), k.at - k.days_left) AS o
    WHERE k.days_left > 0
), tried AS (
    SELECT level, team, feature, count(*) AS origins,
        percentile_disc(0.1) WITHIN GROUP (ORDER BY rest / NULLIF(forecast_rest, 0)) AS least,
        percentile_disc(0.9) WITHIN GROUP (ORDER BY rest / NULLIF(forecast_rest, 0)) AS most,
        sum(abs(gone + forecast_rest - total)) * 1000000 / NULLIF(sum(total), 0) AS error,
        sum(abs(gone * month_days / NULLIF(days_gone, 0) - total)) * 1000000 / NULLIF(sum(total), 0) AS straight_line_error,
        sum(abs(month_before - total)) * 1000000 / NULLIF(sum(total) FILTER (WHERE month_before IS NOT NULL), 0)
            AS last_month_error
    FROM past WHERE forecast_rest IS NOT NULL GROUP BY 1, 2, 3
    -- Of fewer nothing can be said.
    HAVING count(*) >= 7
), told AS (
    SELECT level, team, feature, COALESCE(b.spent, 0) AS spent, COALESCE(b.spent - b.since, 0) AS before, COALESCE(b.since, 0) AS since,
        origins, least, most, error, straight_line_error, last_month_error, s.days_left, s.month_days,
        s.month_days - s.days_left AS days_gone, s.days_and_hours_gone, forecast_of(k.sums, k.at, k.days_left) AS rest
    FROM span s CROSS JOIN (booked b FULL JOIN known k USING (level, team, feature)) LEFT JOIN tried t
        USING (level, team, feature)
    WHERE level < 3 OR only_team IS NULL
)
SELECT CASE level WHEN 3 THEN 'all' WHEN 1 THEN 'team' ELSE 'feature' END, NULLIF(team, ''), NULLIF(feature, ''), spent,
    -- What is left costs no less than what has come of it already.
    round(before + CASE WHEN left_over >= since THEN left_over WHEN left_over < since THEN since END),
    round(before + CASE WHEN least_left >= since THEN least_left WHEN least_left < since THEN since END),
    round(before + CASE WHEN most_left >= since THEN most_left WHEN most_left < since THEN since END),
    round(error), round(straight_line_error), round(last_month_error), COALESCE(origins, 0),
    CASE WHEN days_left = 0 THEN 'over' WHEN rest IS NOT NULL THEN 'weekdays' WHEN days_gone > 0 THEN 'straight line' END
FROM told CROSS JOIN LATERAL (
    SELECT COALESCE(rest, CASE WHEN days_gone > 0 THEN spent * month_days / days_and_hours_gone - before END) AS left_over, rest * least AS least_left,
        rest * most AS most_left
    WHERE days_left > 0
    UNION ALL SELECT 0, 0, 0 WHERE days_left = 0
) l
$$;
