-- title: How calls were answered, and what downgrading saved
-- parameter month: The month; this month unless given | month
-- parameter from: The first day, in place of a month | day
-- parameter to: The day after the last | day
-- parameter team: This team alone | team
-- column team: Team
-- column feature: Feature
-- column admitted: Admitted | count | total
-- column downgraded: Downgraded | count | total
-- column denied: Denied | count | total
-- column denied_for_money: of them for lack of money | count | total
-- column settled_downgrades: Downgraded and settled | count | total
-- column unsettled: Never settled | count | total
-- column unsettled_usd: Never settled, at the most | usd | total
-- column saved_usd: Saved by downgrading | usd | total
-- Savings are what settled downgrades would have cost on the model asked for, less what they did cost.
-- Calls that were never settled count on the day when their holds expired.
SELECT team, feature,
    COALESCE(v.admitted, 0) AS admitted,
    COALESCE(v.downgraded, 0) AS downgraded,
    COALESCE(v.denied, 0) AS denied,
    COALESCE(v.denied_for_money, 0) AS denied_for_money,
    COALESCE(r.downgraded_calls, 0) AS settled_downgrades,
    COALESCE(u.calls, 0) AS unsettled,
    COALESCE(u.worst_case, 0) AS unsettled_usd,
    COALESCE(r.saved_nanodollars, 0) AS saved_usd
FROM (
    SELECT team, feature,
        sum(calls) FILTER (WHERE verdict = 'admit') AS admitted,
        sum(calls) FILTER (WHERE verdict = 'downgrade') AS downgraded,
        sum(calls) FILTER (WHERE verdict = 'deny') AS denied,
        sum(calls) FILTER (WHERE verdict = 'deny' AND reason IN ('budget_exhausted', 'funds_held', 'over_call_limit'))
            AS denied_for_money
    FROM verdict_count
    WHERE day >= :from AND day < :to
    GROUP BY team, feature
) v
FULL JOIN (
    SELECT team, feature, sum(downgraded_calls) AS downgraded_calls, sum(saved_nanodollars) AS saved_nanodollars
    FROM daily_cost WHERE :in_range GROUP BY team, feature
) r USING (team, feature)
FULL JOIN (
    SELECT team, COALESCE(feature, '') AS feature, count(*) AS calls, sum(amount) AS worst_case
    FROM unsettled, deployment
    WHERE kind = 'hold' AND entry_id IS NULL AND team IS NOT NULL
        AND recorded_at >= :from::date::timestamp AT TIME ZONE accounting_time_zone
        AND recorded_at < :to::date::timestamp AT TIME ZONE accounting_time_zone
    GROUP BY team, COALESCE(feature, '')
) u USING (team, feature)
WHERE :team::text IS NULL OR team = :team
ORDER BY team, feature
