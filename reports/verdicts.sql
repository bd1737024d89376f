-- title: How calls were answered, and what downgrading saved
-- column team: Team
-- column feature: Feature
-- column admitted: Admitted | count | total
-- column downgraded: Downgraded | count | total
-- column denied: Denied | count | total
-- column denied_for_money: of them for lack of money | count | total
-- column settled_downgrades: Downgraded and settled | count | total
-- column saved_usd: Saved by downgrading | usd | total
-- Savings are what settled downgrades would have cost on the model asked for, less what they did cost.
SELECT team, feature,
    COALESCE(v.admitted, 0) AS admitted,
    COALESCE(v.downgraded, 0) AS downgraded,
    COALESCE(v.denied, 0) AS denied,
    COALESCE(v.denied_for_money, 0) AS denied_for_money,
    COALESCE(r.downgraded_calls, 0) AS settled_downgrades,
    COALESCE(r.saved_nanodollars, 0) AS saved_usd
FROM (
    SELECT team, feature,
        sum(calls) FILTER (WHERE verdict = 'admit') AS admitted,
        sum(calls) FILTER (WHERE verdict = 'downgrade') AS downgraded,
        sum(calls) FILTER (WHERE verdict = 'deny') AS denied,
        sum(calls) FILTER (WHERE verdict = 'deny' AND reason IN ('budget_exhausted', 'funds_held', 'over_call_limit'))
            AS denied_for_money
    FROM verdict_count
    WHERE day >= :month::date AND day < (:month::date + interval '1 month')::date
    GROUP BY team, feature
) v
FULL JOIN (
    SELECT team, feature, sum(downgraded_calls) AS downgraded_calls, sum(saved_nanodollars) AS saved_nanodollars
    FROM daily_cost WHERE booking_month = :month GROUP BY team, feature
) r USING (team, feature)
WHERE :team::text IS NULL OR team = :team
ORDER BY team, feature
