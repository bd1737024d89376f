-- title: What the month will have cost by its end
-- parameter month: The month; this month unless given | month
-- parameter team: This team alone | team
-- column scope: Of
-- column team: Team
-- column feature: Feature
-- column spent_usd: Spent | usd
-- column forecast_usd: At month's end | usd
-- column low_usd: From | usd
-- column high_usd: To | usd
-- column error_percent: Error %
-- column straight_line_error_percent: Straight line %
-- column last_month_error_percent: Last month %
-- column method: Method
-- The interval has held in eight of ten past forecasts. Errors are those of past forecasts, made as many days before their end,
-- beside what is left of a straight line and of the month before.
SELECT scope, team, NULLIF(feature, '') AS feature, spent AS spent_usd, forecast AS forecast_usd, low AS low_usd, high AS high_usd,
    round(error_millionths / 10000, 2)::text AS error_percent,
    round(straight_line_error_millionths / 10000, 2)::text AS straight_line_error_percent,
    round(last_month_error_millionths / 10000, 2)::text AS last_month_error_percent, method
FROM month_forecast(:month, now(), :team)
ORDER BY array_position(ARRAY['all', 'team', 'feature'], scope), team, feature
