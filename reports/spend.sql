-- title: What was spent, by what is asked for
-- parameter month: The month; this month unless given | month
-- parameter from: The first day, in place of a month | day
-- parameter to: The day after the last | day
-- parameter team: This team alone | team
-- parameter group_by: What the lines are of | up to 2 of team, feature, user, run, tag:KEY, cost_center, provider, model, service_tier, day, week, month
-- parameter feature: These features alone | names
-- parameter user: These users alone | names
-- parameter run: These runs alone | names
-- parameter tag:KEY: Calls whose tag has this value alone | text
-- parameter cost_center: Teams of these cost centres alone | names
-- parameter provider: These providers alone | names
-- parameter model: These models alone | names
-- parameter service_tier: These service tiers alone | names
-- parameter day: Calls of these days alone | days
-- parameter week: Calls of the weeks that begin on these Mondays alone | mondays
-- column group_by: Group | group
-- column adjusts_month: Adjusts
-- column calls: Calls | count | total
-- column tokens: Tokens | count | total
-- column list_cost_usd: List cost | usd | total
-- column cost_usd: Cost | usd | total
-- column unpriced_calls: Unpriced calls | count | total
-- Days and weeks are those of the calls, months those they are booked in. What adjusts an earlier month is in lines of its own.
-- Daily sums know no users, runs and tags; only where these are asked for are the larger sums read that do.
WITH spent AS (
    SELECT booking_month, day, team, feature, 0::bigint AS user_id, '' AS run, '{}'::text[] AS tag_keys,
        '{}'::text[] AS tag_values, provider, model, service_tier, calls, unpriced_calls,
        input_tokens::numeric + output_tokens AS tokens, list_cost_nanodollars::numeric AS list_cost,
        effective_cost_nanodollars::numeric AS cost
    FROM daily_cost
    WHERE :in_range AND NOT (is_detail(:group_by_1) OR is_detail(:group_by_2) OR :user IS NOT NULL OR :run IS NOT NULL
        OR cardinality(:tag_keys) > 0)
    UNION ALL
    SELECT booking_month, day, team, feature, user_id, run, tag_keys, tag_values, provider, model, service_tier, calls,
        unpriced_calls, input_tokens + output_tokens, list_cost_nanodollars, effective_cost_nanodollars
    FROM detailed_cost
    WHERE :in_range AND (is_detail(:group_by_1) OR is_detail(:group_by_2) OR :user IS NOT NULL OR :run IS NOT NULL
        OR cardinality(:tag_keys) > 0)
)
SELECT
    group_value(:group_by_1, s.team, t.cost_center, feature, user_id, p.name, run, tag_keys, tag_values, provider, model,
        service_tier, day, booking_month) AS group_by_1,
    group_value(:group_by_2, s.team, t.cost_center, feature, user_id, p.name, run, tag_keys, tag_values, provider, model,
        service_tier, day, booking_month) AS group_by_2,
    adjusts_month(day, booking_month) AS adjusts_month,
    sum(calls) AS calls,
    sum(tokens) AS tokens,
    sum(list_cost) AS list_cost_usd,
    sum(cost) AS cost_usd,
    sum(unpriced_calls) AS unpriced_calls
FROM spent s LEFT JOIN team_then t ON t.month = s.booking_month AND t.team = s.team LEFT JOIN person p USING (user_id)
WHERE (:team::text IS NULL OR s.team = :team)
    AND (:feature IS NULL OR feature = ANY(:feature))
    AND (:user IS NULL OR p.name = ANY(:user))
    AND (:run IS NULL OR run = ANY(:run))
    AND (:cost_center IS NULL OR t.cost_center = ANY(:cost_center))
    AND (:provider IS NULL OR provider = ANY(:provider))
    AND (:model IS NULL OR model = ANY(:model))
    AND (:service_tier IS NULL OR service_tier = ANY(:service_tier))
    AND (:day IS NULL OR to_char(day, 'YYYY-MM-DD') = ANY(:day))
    AND (:week IS NULL OR to_char(date_trunc('week', day), 'YYYY-MM-DD') = ANY(:week))
    AND (cardinality(:tag_keys) = 0 OR NOT EXISTS (
        SELECT FROM unnest(:tag_keys, :tag_values) AS wanted(key, value)
        WHERE tag_values[array_position(tag_keys, wanted.key)] IS DISTINCT FROM wanted.value))
GROUP BY 1, 2, 3
ORDER BY 1 NULLS LAST, 2 NULLS LAST, 3 NULLS FIRST
