-- title: What prepaid credits had, paid and have left
-- parameter month: The month; this month unless given | month
-- parameter team: This team alone | team
-- column credit: Credit
-- column provider: Provider
-- column model: Model
-- column team: Team
-- column valid_from: Pays from
-- column valid_until: No longer from
-- column before_usd: Before the month | usd
-- column drawn_usd: Drawn in the month | usd | total
-- column remaining_usd: Left | usd
-- A team sees the credits that are its alone.
SELECT c.id AS credit, c.provider, c.model, c.team,
    to_char(c.valid_from, 'YYYY-MM-DD') AS valid_from,
    to_char(c.valid_until, 'YYYY-MM-DD') AS valid_until,
    c.amount_nanodollars - COALESCE(d.before, 0) AS before_usd,
    COALESCE(d.drawn, 0) AS drawn_usd,
    c.amount_nanodollars - COALESCE(d.before, 0) - COALESCE(d.drawn, 0) AS remaining_usd
FROM credit c
LEFT JOIN credit_withdrawal w ON w.credit_id = c.id
LEFT JOIN (
    SELECT credit_id,
        COALESCE(sum(drawn_nanodollars) FILTER (WHERE booking_month < :month), 0) AS before,
        COALESCE(sum(drawn_nanodollars) FILTER (WHERE booking_month = :month), 0) AS drawn
    FROM credits_paid(:month) GROUP BY credit_id
) d ON d.credit_id = c.id
WHERE c.valid_from < (:month::date + interval '1 month')::date
    -- Calls of its time may be booked, or corrected, after it has ended.
    AND (c.valid_until IS NULL OR c.valid_until > :month OR d.drawn <> 0)
    -- What was closed with it stays.
    AND (w.credit_id IS NULL OR w.withdrawn_at > (SELECT closed_at FROM month WHERE month = :month))
    AND (:team::text IS NULL OR c.team = :team)
ORDER BY c.provider, c.id
