-- title: What usage objects said that was not certain
-- parameter month: The month; this month unless given | month
-- parameter team: This team alone | team
-- column code: Warning
-- column meaning: What it means
-- column team: Team
-- column provider: Provider
-- column model: Model
-- column calls: Calls | count
-- A call with two kinds of warnings is in two rows, so there is no total. GET /v1/usage has the calls.
SELECT code,
    CASE code
        WHEN 'unread_fields' THEN 'counts that nobody understood'
        WHEN 'total_differs' THEN 'a total that differs from its parts'
        WHEN 'null_counts' THEN 'counts that the provider charges for are missing'
        WHEN 'partial_stream' THEN 'only a part of what a stream says of its usage'
        WHEN 'unknown_service_tier' THEN 'a class of service that is not known'
        WHEN 'name_guessed' THEN 'the model was found by a guess at its name'
        WHEN 'unpriced' THEN 'the call had no price when it was recorded'
        WHEN 'moved' THEN 'the team or the feature was named otherwise than it is called now'
    END AS meaning,
    team, provider, model, sum(calls) AS calls
FROM usage_warning_sum
WHERE booking_month = :month AND (:team::text IS NULL OR team = :team)
GROUP BY code, team, provider, model
ORDER BY code, team, provider, model
