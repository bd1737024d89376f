-- title: What to book: debits and credits
-- parameter month: The month; this month unless given | month
-- parameter team: This team alone | team
-- column account: Account
-- column code: Code
-- column cost_center: Cost centre
-- column provider: Provider
-- column adjusts_month: Adjusts
-- column debit_usd: Debit | usd | total
-- column credit_usd: Credit | usd | total
-- Expense of each cost centre against what is owed to each provider, less what credits of it paid. Adjustments of earlier months
-- are lines of their own. A negative amount is on the other side. What has no price yet is in no line. purser account set says
-- the codes; the code of an account alone is that of all its cost centres or providers that have none.
WITH spent AS (
    SELECT t.cost_center, d.provider, adjusts_month(day, booking_month) AS adjusts_month,
        sum(effective_cost_nanodollars) AS cost
    FROM daily_cost d LEFT JOIN team t ON t.name = d.team
    WHERE :in_range AND (:team::text IS NULL OR d.team = :team)
    GROUP BY 1, 2, 3
), drawn AS (
    SELECT c.provider, sum(p.drawn_nanodollars) AS drawn
    FROM credits_paid(:month) p JOIN credit c ON c.id = p.credit_id
    WHERE p.booking_month = :month AND (:team::text IS NULL OR p.team = :team) GROUP BY c.provider
), line AS (
    SELECT 1 AS place, 'expense' AS account, cost_center, NULL AS provider, NULL AS adjusts_month, sum(cost) AS amount
    FROM spent WHERE adjusts_month IS NULL GROUP BY cost_center
    UNION ALL
    SELECT 2, 'adjustment', cost_center, NULL, adjusts_month, sum(cost)
    FROM spent WHERE adjusts_month IS NOT NULL GROUP BY cost_center, adjusts_month
    UNION ALL
    SELECT 3, 'accrual', NULL, provider, NULL, COALESCE(drawn, 0) - COALESCE(cost, 0)
    FROM (SELECT provider, sum(cost) AS cost FROM spent GROUP BY provider) s FULL JOIN drawn USING (provider)
    UNION ALL
    SELECT 4, 'prepaid', NULL, provider, NULL, -drawn FROM drawn
)
SELECT l.account, COALESCE(own.code, every.code) AS code, cost_center, provider, adjusts_month,
    CASE WHEN amount > 0 THEN amount END AS debit_usd,
    CASE WHEN amount < 0 THEN -amount END AS credit_usd
FROM line l
LEFT JOIN account_code own ON own.account = l.account AND own.name = COALESCE(cost_center, provider)
LEFT JOIN account_code every ON every.account = l.account AND every.name = ''
WHERE amount <> 0
ORDER BY place, cost_center NULLS LAST, provider, adjusts_month
