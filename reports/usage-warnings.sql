-- title: What usage objects say that nobody understood
-- column code: Warning
-- column team: Team
-- column provider: Provider
-- column model: Model
-- column calls: Calls | count | total
-- column unpriced_calls: Unpriced calls | count | total
-- column message: For example
SELECT w.warning ->> 'code' AS code, l.team, l.provider, l.model, count(*) AS calls,
    count(*) FILTER (WHERE l.effective_cost_nanodollars IS NULL) AS unpriced_calls,
    min(w.warning ->> 'message') AS message
FROM entry_note n
JOIN ledger l USING (entry_id)
CROSS JOIN LATERAL jsonb_array_elements(n.warnings) AS w(warning)
WHERE l.booking_month = :month AND (:team::text IS NULL OR l.team = :team)
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
