-- title: What a team is charged
-- parameter month: The month; this month unless given | month
-- parameter team: This team alone | team
-- column team: Team
-- column section: Section
-- column feature: Feature
-- column provider: Provider
-- column item: Item
-- column adjusts_month: Adjusts
-- column quantity: Quantity | count
-- column unit: Unit
-- column unit_price_usd: Price of 1,000, USD | price
-- column amount_usd: Amount | usd | total
-- column budget_usd: Budget | usd
-- column actual_usd: Actual | usd
-- usage: what calls cost, by feature and model. adjustment: what is booked in the month for calls of earlier ones. shared: the
-- costs, after credits, of teams without a cost centre, shared out among the others by the key that purser account share says (cost, calls,
-- tokens or equal parts; rounded to whole nanodollars so that the parts are the whole), and taken off these teams. credit: what
-- prepaid credits paid. budget: the team's own budgets in money whose windows began in the month; no part of the amount.
WITH spent AS (
    SELECT d.team, t.cost_center IS NULL AS is_shared, feature, provider, model, service_tier,
        adjusts_month(day, booking_month) AS adjusts_month, sum(input_tokens::numeric + output_tokens) AS tokens,
        sum(calls) AS calls, sum(effective_cost_nanodollars) AS cost
    FROM daily_cost d LEFT JOIN team t ON t.name = d.team WHERE :in_range
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), paid AS (
    SELECT p.team, p.credit_id, sum(p.drawn_nanodollars) AS drawn FROM credits_paid(:month) p
    WHERE p.booking_month = :month GROUP BY p.team, p.credit_id
), weight AS (
    SELECT team, is_shared,
        COALESCE(sum(cost), 0) - COALESCE((SELECT sum(drawn) FROM paid WHERE paid.team = spent.team), 0) AS net,
        GREATEST(0, CASE shared_cost_key WHEN 'cost' THEN COALESCE(sum(cost), 0) WHEN 'calls' THEN sum(calls)
            WHEN 'tokens' THEN sum(tokens) WHEN 'equal' THEN 1 ELSE 0 END) AS weight
    FROM spent CROSS JOIN deployment GROUP BY team, is_shared, shared_cost_key
), pot AS (
    SELECT COALESCE(sum(net) FILTER (WHERE is_shared), 0) AS cost, sum(weight) FILTER (WHERE NOT is_shared) AS weights
    FROM weight
), part AS (
    SELECT team, div(pot.cost * weight, weights) AS whole, pot.cost,
        row_number() OVER (ORDER BY abs(mod(pot.cost * weight, weights)) DESC, team) AS place
    FROM weight CROSS JOIN pot WHERE NOT is_shared AND weights > 0
), shared AS (
    SELECT team, whole + CASE WHEN place <= abs(cost - sum(whole) OVER ()) THEN sign(cost) ELSE 0 END AS amount FROM part
    UNION ALL
    SELECT team, -net FROM weight CROSS JOIN pot WHERE is_shared AND weights > 0
), line AS (
    SELECT team, CASE WHEN adjusts_month IS NULL THEN 1 ELSE 2 END AS place,
        CASE WHEN adjusts_month IS NULL THEN 'usage' ELSE 'adjustment' END AS section, feature, provider,
        model || CASE service_tier WHEN 'standard' THEN '' ELSE ', ' || service_tier END AS item, adjusts_month,
        CASE WHEN tokens <> 0 THEN tokens ELSE calls END AS quantity, CASE WHEN tokens <> 0 THEN 'tokens' ELSE 'calls' END AS unit,
        cost AS amount, NULL::numeric AS budget, NULL::numeric AS actual
    FROM spent
    UNION ALL
    SELECT team, 3, 'shared', NULL, NULL, 'by ' || shared_cost_key, NULL, NULL, NULL, amount, NULL, NULL
    FROM shared CROSS JOIN deployment WHERE amount <> 0
    UNION ALL
    SELECT p.team, 4, 'credit', NULL, c.provider, c.id, NULL, NULL, NULL, -p.drawn, NULL, NULL
    FROM paid p JOIN credit c ON c.id = p.credit_id
    UNION ALL
    SELECT b.team, 5, 'budget', b.feature, b.provider, b.id, NULL, NULL, NULL, NULL, w.limit_amount, w.spent
    FROM budget b JOIN window_total w USING (budget_number) CROSS JOIN deployment
    WHERE b.unit = 'usd' AND b.team IS NOT NULL AND b.removed_at IS NULL AND b.each_fields = '{}'
        AND w.starts_at >= :from::date::timestamp AT TIME ZONE accounting_time_zone
        AND w.starts_at < :to::date::timestamp AT TIME ZONE accounting_time_zone
)
SELECT team, section, NULLIF(feature, '') AS feature, provider, item, adjusts_month, quantity, unit,
    round(amount * 1000 / NULLIF(quantity, 0)) AS unit_price_usd, amount AS amount_usd, budget AS budget_usd,
    actual AS actual_usd
FROM line
WHERE :team::text IS NULL OR team = :team
ORDER BY team, place, feature, provider, item, adjusts_month
