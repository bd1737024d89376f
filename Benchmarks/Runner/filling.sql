-- Three steps: before, for each chunk of numbers, after.
INSERT INTO replica (state, lease_seconds) VALUES ('gone', 10);
SELECT ensure_month(date_trunc('month', now() AT TIME ZONE 'UTC')::date);
ALTER TABLE entry_key DROP CONSTRAINT entry_key_pkey;
INSERT INTO person (name) SELECT 'user-' || n FROM generate_series(0, 99999) n;
-- then
SET synchronous_commit = off;
CREATE TEMPORARY TABLE filling AS
SELECT n, month, month + (n / 2400 % days)::int AS day, now() AS recorded_at, 'team-' || n % 50 AS team,
    'feature-' || n / 50 % 4 AS feature, 'model-' || n / 200 % 12 AS model, replica_id,
    (replica_id << 40) + n AS entry_id, substr(md5(n::text), 1, 18) AS request_id, first_user_id + n % 100000 AS user_id
FROM (SELECT date_trunc('month', now() AT TIME ZONE 'UTC')::date AS month) m,
    LATERAL (SELECT extract(day FROM month + interval '1 month - 1 day')::int AS days) d,
    (SELECT max(replica_id) AS replica_id FROM replica WHERE state = 'gone') r,
    (SELECT user_id AS first_user_id FROM person WHERE name = 'user-0') u,
    generate_series({first}::bigint, {last}::bigint) n;
INSERT INTO ledger (entry_id, booking_month, kind, occurred_at, recorded_at, day, source, request_id, attempt, team,
    feature, user_id, tag_keys, tag_values, requested_model, provider, model, service_tier, status, meters, quantities,
    price_ids, input_tokens, output_tokens, residual_tokens, currency, list_cost_nanodollars, effective_cost_nanodollars,
    estimate_nanodollars, hold_replica_id, hold_number, window_ids, batch_replica_id, batch_number)
SELECT entry_id, month, 'usage', day, recorded_at, day, 'settle', request_id, 1, team,
    feature, user_id, '{{}}', '{{}}', model, 'openai', model, 'standard', 'ok',
    '{{input_tokens,output_tokens}}', ARRAY[1200, 310], '{{1,2}}',
    1200, 310, 0, 'USD', 366000, 366000, 420000, replica_id, n, '{{1}}', replica_id, n / 500
FROM filling ORDER BY n;
INSERT INTO entry_key (owner, id, digest, entry_id, cost_nanodollars, overrun_nanodollars, model, recorded_at)
SELECT 'team:' || team, request_id, sha256(request_id::bytea), entry_id, 366000, 0, 'openai/' || model, recorded_at
FROM filling ORDER BY n;
INSERT INTO hold_end (replica_id, hold_number, how, ended_by, entry_id)
SELECT replica_id, n, 'settled', replica_id, entry_id FROM filling ORDER BY n;
INSERT INTO rollup AS r
SELECT month, day, team, feature, 'openai', model, 'standard', 'ok', '', '', '', '', count(*), count(*), 0, 0,
    1200 * count(*), 0, 0, 310 * count(*), 0, 366000 * count(*), 366000 * count(*), 0
FROM filling GROUP BY month, day, team, feature, model ORDER BY month, day, team, feature, model
ON CONFLICT (booking_month, day, team, feature, provider, model, service_tier, status, tag_1, tag_2, tag_3, tag_4)
DO UPDATE SET entries = r.entries + excluded.entries, calls = r.calls + excluded.calls,
    input_tokens = r.input_tokens + excluded.input_tokens, output_tokens = r.output_tokens + excluded.output_tokens,
    list_cost_nanodollars = r.list_cost_nanodollars + excluded.list_cost_nanodollars,
    effective_cost_nanodollars = r.effective_cost_nanodollars + excluded.effective_cost_nanodollars;
INSERT INTO batch (replica_id, number, entry_count, first_entry_id, last_entry_id, hash)
SELECT replica_id, n / 500, count(*), min(entry_id), max(entry_id), sha256(max(request_id)::bytea)
FROM filling GROUP BY replica_id, n / 500;
INSERT INTO detail_sum AS d
SELECT month, day, team, feature, 'openai', model, 'standard', user_id, '', '{{}}', '{{}}', count(*), count(*), 0,
    1200 * count(*), 310 * count(*), 366000 * count(*), 366000 * count(*), 0, 0, 0
FROM filling GROUP BY month, day, team, feature, model, user_id ORDER BY month, day, team, feature, model, user_id
ON CONFLICT (booking_month, day, team, feature, provider, model, service_tier, user_id, run, tag_keys, tag_values)
DO UPDATE SET entries = d.entries + excluded.entries, calls = d.calls + excluded.calls,
    input_tokens = d.input_tokens + excluded.input_tokens, output_tokens = d.output_tokens + excluded.output_tokens,
    list_cost_nanodollars = d.list_cost_nanodollars + excluded.list_cost_nanodollars,
    effective_cost_nanodollars = d.effective_cost_nanodollars + excluded.effective_cost_nanodollars;
DROP TABLE filling
-- then
-- All of it is in the sums. Those of scopes, estimates and meters, which no line reads, are left empty.
INSERT INTO detail_sum_fence SELECT replica_id, max(number), max(last_entry_id) FROM batch GROUP BY replica_id;
INSERT INTO scope_sum_fence SELECT * FROM detail_sum_fence;
INSERT INTO estimate_sum_fence SELECT * FROM detail_sum_fence;
INSERT INTO meter_sum_fence SELECT * FROM detail_sum_fence;
ALTER TABLE entry_key ADD CONSTRAINT entry_key_pkey PRIMARY KEY (owner, id);
-- What autovacuum would do some time later, in the middle of what is measured.
VACUUM (ANALYZE);
CHECKPOINT;
