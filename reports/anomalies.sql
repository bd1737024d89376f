-- title: Days that cost far from what such days do
-- parameter month: The month; this month unless given | month
-- parameter from: The first day, in place of a month | day
-- parameter to: The day after the last | day
-- parameter team: This team alone | team
-- column day: Day
-- column team: Team
-- column feature: Feature
-- column cost_usd: Cost | usd
-- column usual_usd: Usual | usd
-- column difference_usd: Difference | usd
-- column weeks: Weeks before | count
-- A day is compared with the same weekday of the eight weeks before: with the median of what these cost, from the first day on
-- that the feature had calls, and at least four of them. It is told where it is off by more than half of the median, by more
-- than a dollar, and by more than three times the usual spread (1.4826 times the median distance from the median).
-- Adjustments of earlier months are left out, so that what was told of a day stays.
WITH daily AS (
    SELECT day, team, feature, sum(effective_cost_nanodollars) AS cost FROM daily_cost
    WHERE booking_month >= date_trunc('month', :from::date - 56)::date AND booking_month < :to AND day >= booking_month
        AND day >= :from::date - 56 AND day < :to AND (:team::text IS NULL OR team = :team)
    GROUP BY day, team, feature
), began AS (
    SELECT team, feature, min(day) AS first_day FROM daily GROUP BY team, feature
), grid AS (
    SELECT b.team, b.feature, d.day::date AS day, COALESCE(c.cost, 0) AS cost
    FROM began b CROSS JOIN LATERAL generate_series(b.first_day::timestamp,
        LEAST(:to::date - 1, (now() AT TIME ZONE (SELECT accounting_time_zone FROM deployment))::date - 1)::timestamp,
        '1 day') AS d(day)
    LEFT JOIN daily c ON c.team = b.team AND c.feature = b.feature AND c.day = d.day::date
), wanted AS (
    SELECT * FROM (
        SELECT g.*, array_remove(ARRAY[lag(cost, 7) OVER w, lag(cost, 14) OVER w, lag(cost, 21) OVER w, lag(cost, 28) OVER w,
            lag(cost, 35) OVER w, lag(cost, 42) OVER w, lag(cost, 49) OVER w, lag(cost, 56) OVER w], NULL) AS before
        FROM grid g WINDOW w AS (PARTITION BY team, feature ORDER BY day)
    ) g WHERE day >= :from
), usual AS (
    SELECT w.*, cardinality(before) AS weeks,
        (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY x) FROM unnest(before) AS u(x)) AS median
    FROM wanted w WHERE cardinality(before) >= 4
), spread AS (
    SELECT u.*, (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY abs(x - median)) FROM unnest(before) AS b(x)) AS distance
    FROM usual u
)
SELECT day::text AS day, team, feature, cost AS cost_usd, median AS usual_usd, cost - median AS difference_usd, weeks
FROM spread
WHERE abs(cost - median) > GREATEST(median / 2, 1000000000, 3 * 1.4826 * distance)
ORDER BY day, abs(cost - median) DESC, team, feature
