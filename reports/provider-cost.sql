-- title: What providers say that calls cost, beside the ledger
-- parameter month: The month; this month unless given | month
-- parameter from: The first day, in place of a month | day
-- parameter to: The day after the last | day
-- parameter team: This team alone | team
-- column day: Day
-- column provider: Provider
-- column model: Model
-- column calls: Calls | count | total
-- column provider_cost_usd: Theirs | usd | total
-- column cost_usd: Ours | usd | total
-- column difference_usd: Difference | usd | total
-- column differing_calls: Differ | count | total
-- column unpriced_calls: Unpriced | count | total
-- Calls of which the provider's own figure was reported. The difference is theirs less ours; what has no price here yet
-- has nothing to compare with, so the difference leaves it out. Calls that were taken back are left out too.
WITH correction AS (
    SELECT corrects_entry_id AS entry_id, sum(effective_cost_nanodollars) AS cost,
        bool_or(kind = 'reversal') AS is_taken_back
    FROM ledger
    -- An index has the entries that correct another, and only this condition tells PostgreSQL so.
    WHERE corrects_entry_id IS NOT NULL AND booking_month >= :month
    GROUP BY corrects_entry_id
), compared AS (
    SELECT l.day, l.provider, l.model, l.provider_cost_nanodollars AS theirs,
        CASE WHEN l.effective_cost_nanodollars IS NULL THEN c.cost
            ELSE l.effective_cost_nanodollars + COALESCE(c.cost, 0) END AS ours
    FROM ledger l LEFT JOIN correction c USING (entry_id)
    WHERE :in_range AND (:team::text IS NULL OR l.team = :team)
        AND l.kind = 'usage' AND l.provider_cost_nanodollars IS NOT NULL AND NOT COALESCE(c.is_taken_back, false)
)
SELECT day::text AS day, provider, model, count(*) AS calls, sum(theirs) AS provider_cost_usd, sum(ours) AS cost_usd,
    sum(theirs - ours) AS difference_usd, count(*) FILTER (WHERE ours <> theirs) AS differing_calls,
    count(*) FILTER (WHERE ours IS NULL) AS unpriced_calls
FROM compared
GROUP BY day, provider, model
ORDER BY day, provider, model
