-- title: What calls have held, and what they have spent of it
-- parameter month: The month; this month unless given | month
-- parameter from: The first day, in place of a month | day
-- parameter to: The day after the last | day
-- parameter team: This team alone | team
-- column team: Team
-- column feature: Feature
-- column model: Model
-- column calls: Calls with a hold | count | total
-- column held_usd: Held | usd | total
-- column held_median_usd: Held, median within 5 % | usd
-- column held_p95_usd: Held, 95th percentile within 5 % | usd
-- column spent_median_usd: Spent, median within 5 % | usd
-- column spent_p95_usd: Spent, 95th percentile within 5 % | usd
-- column used_median_percent: Used %, median
-- column used_p95_percent: Used %, 95th percentile
-- column held_in_vain_usd: Held in vain | usd | total
-- column overruns: Above their holds | count | total
-- column overrun_usd: Overrun | usd | total
-- column denied_funds_held: Denied while money was held | count | total
-- The calls by the model that served them, the denials by the model asked for. A call that is taken back before it is added
-- makes a bucket negative for a moment.
WITH histogram AS (
    SELECT team, feature, model, measure, bucket, sum(calls) AS calls, sum(held_nanodollars) AS held,
        sum(spent_nanodollars) AS spent
    FROM estimate_sum
    WHERE :in_range AND (:team::text IS NULL OR team = :team)
    GROUP BY team, feature, model, measure, bucket HAVING sum(calls) > 0
), ranked AS (
    SELECT *, sum(calls) OVER (PARTITION BY team, feature, model, measure ORDER BY bucket) AS rank,
        sum(calls) OVER (PARTITION BY team, feature, model, measure) AS all_calls
    FROM histogram
), held AS (
    SELECT team, feature, model,
        sum(calls) FILTER (WHERE measure = 'used') AS calls,
        sum(held) FILTER (WHERE measure = 'used') AS held,
        min(bucket) FILTER (WHERE measure = 'held' AND rank * 2 >= all_calls) AS held_median,
        min(bucket) FILTER (WHERE measure = 'held' AND rank * 100 >= all_calls * 95) AS held_p95,
        min(bucket) FILTER (WHERE measure = 'spent' AND rank * 2 >= all_calls) AS spent_median,
        min(bucket) FILTER (WHERE measure = 'spent' AND rank * 100 >= all_calls * 95) AS spent_p95,
        min(bucket) FILTER (WHERE measure = 'used' AND rank * 2 >= all_calls) AS used_median,
        min(bucket) FILTER (WHERE measure = 'used' AND rank * 100 >= all_calls * 95) AS used_p95,
        sum(held - spent) FILTER (WHERE measure = 'used' AND bucket <= 100) AS in_vain,
        sum(calls) FILTER (WHERE measure = 'used' AND bucket > 100) AS overruns,
        sum(spent - held) FILTER (WHERE measure = 'used' AND bucket > 100) AS overrun
    FROM ranked GROUP BY team, feature, model
), denied AS (
    SELECT team, feature, requested_model AS model, sum(calls) AS calls
    FROM verdict_count
    WHERE day >= :from AND day < :to
        AND verdict = 'deny' AND reason = 'funds_held' AND (:team::text IS NULL OR team = :team)
    GROUP BY team, feature, requested_model
)
SELECT team, feature, model,
    COALESCE(h.calls, 0) AS calls,
    COALESCE(h.held, 0) AS held_usd,
    amount_of_bucket(h.held_median) AS held_median_usd,
    amount_of_bucket(h.held_p95) AS held_p95_usd,
    amount_of_bucket(h.spent_median) AS spent_median_usd,
    amount_of_bucket(h.spent_p95) AS spent_p95_usd,
    h.used_median::text AS used_median_percent,
    h.used_p95::text AS used_p95_percent,
    COALESCE(h.in_vain, 0) AS held_in_vain_usd,
    COALESCE(h.overruns, 0) AS overruns,
    COALESCE(h.overrun, 0) AS overrun_usd,
    COALESCE(d.calls, 0) AS denied_funds_held
FROM held h FULL JOIN denied d USING (team, feature, model)
ORDER BY team, feature, model
