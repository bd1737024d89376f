-- Moves what has a retention into the past, as if time had gone by: DAYS days, and what is kept for more than a year
-- LONG_DAYS days, so that it passes its retention as well. Then adds what such a time brings: windows of daily budgets
-- that have ended, the empty leases of a server that is gone, and alerts that were sent. What belongs to the present
-- stays: live servers, windows that are going on, holds that have not expired.
SET synchronous_commit = off;
UPDATE entry_key SET recorded_at = recorded_at - interval 'DAYS days';
UPDATE hold_end SET ended_at = ended_at - interval 'DAYS days';
UPDATE unsettled SET recorded_at = recorded_at - interval 'DAYS days';
UPDATE replica SET started_at = started_at - interval 'DAYS days', heartbeat_at = heartbeat_at - interval 'DAYS days'
WHERE state <> 'live';
UPDATE handed_over SET expires_at = expires_at - interval 'DAYS days' WHERE expires_at < now();
-- No row may meet another on its way: first all go far away.
UPDATE budget_window SET starts_at = starts_at - interval '900 years' WHERE ends_at < now();
UPDATE budget_window SET starts_at = starts_at + interval '900 years' - interval 'LONG_DAYS days',
    ends_at = ends_at - interval 'LONG_DAYS days' WHERE ends_at < now();
UPDATE verdict_count SET day = day - 300000;
UPDATE verdict_count SET day = day + 300000 - LONG_DAYS;
UPDATE verdict_page SET first_at = first_at - interval 'DAYS days', last_at = last_at - interval 'DAYS days';
UPDATE alert SET crossed_at = crossed_at - interval 'LONG_DAYS days';
UPDATE alert_delivery SET next_attempt_at = next_attempt_at - interval 'LONG_DAYS days',
    delivered_at = delivered_at - interval 'LONG_DAYS days';
CREATE TEMPORARY TABLE ended AS
SELECT budget_number, day AS starts_at, day + interval '1 day' AS ends_at, limit_amount
FROM budget, generate_series(date_trunc('day', now(), 'UTC') - interval 'LONG_DAYS days',
    date_trunc('day', now(), 'UTC') - interval '1 day', interval '1 day') day
WHERE id LIKE 'daily/%';
INSERT INTO budget_window (budget_number, starts_at, ends_at, limit_amount) SELECT * FROM ended ON CONFLICT DO NOTHING;
INSERT INTO lease (replica_id, window_id, amount)
SELECT (SELECT max(replica_id) FROM replica WHERE state <> 'live'), window_id, 0
FROM ended JOIN budget_window USING (budget_number, starts_at) ON CONFLICT DO NOTHING;
INSERT INTO alert (budget_number, window_id, threshold_millionths, crossed_at, spent, limit_amount)
SELECT budget_number, window_id, 500000, e.ends_at - interval '1 hour', 1, 2
FROM ended e JOIN budget_window USING (budget_number, starts_at) ON CONFLICT DO NOTHING;
INSERT INTO alert_delivery (alert_id, channel, attempts, next_attempt_at, delivered_at)
SELECT alert_id, 'year', 1, crossed_at, crossed_at
FROM ended JOIN budget_window USING (budget_number, starts_at) JOIN alert USING (window_id) ON CONFLICT DO NOTHING;
-- The session that does the maintenance begins anew, and with it what is due once an hour.
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE '% maintenance';
