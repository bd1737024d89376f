-- compatible
-- What calls cost by user, run and tags, so that reports by them read no ledger. Maintenance adds the ledger's batches, with those
-- from before this migration; what is behind the fences is read from the ledger, so both together are the ledger to the
-- nanodollar. Settling pays nothing for it. Servers of the version before add nothing, and the others later what is missing.

CREATE TABLE detail_sum (
    booking_month date NOT NULL,
    day date NOT NULL,
    team text NOT NULL,
    feature text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    service_tier text NOT NULL,
    -- 0 where absent.
    user_id bigint NOT NULL,
    run text NOT NULL,
    tag_keys text[] NOT NULL,
    tag_values text[] NOT NULL,
    entries bigint NOT NULL,
    calls bigint NOT NULL,
    unpriced_calls bigint NOT NULL,
    input_tokens numeric NOT NULL,
    output_tokens numeric NOT NULL,
    list_cost_nanodollars numeric NOT NULL,
    effective_cost_nanodollars numeric NOT NULL,
    -- Of the calls whose router said how good the answer was: how many, how good all together, and what they cost.
    judged_calls bigint NOT NULL,
    quality_millionths numeric NOT NULL,
    judged_cost_nanodollars numeric NOT NULL,
    PRIMARY KEY (booking_month, day, team, feature, provider, model, service_tier, user_id, run, tag_keys, tag_values)
) WITH (fillfactor = 70);

-- Up to which batch of a replica the ledger is in detail_sum. What follows is read from the ledger.
CREATE TABLE detail_sum_fence (
    replica_id bigint PRIMARY KEY,
    batch_number bigint NOT NULL,
    entry_id bigint NOT NULL
);

-- What each entry adds to detail_sum. A correction is of no quality itself, but changes what a call cost that has one.
CREATE VIEW ledger_detail AS
SELECT l.entry_id, l.booking_month, l.day, l.team, COALESCE(l.feature, '') AS feature, l.provider, l.model, l.service_tier,
    COALESCE(l.user_id, 0) AS user_id, COALESCE(l.run, '') AS run, l.tag_keys, l.tag_values, 1::bigint AS entries, c.calls,
    CASE WHEN l.kind = 'adjustment' AND l.source = 'pricing' THEN -1
        WHEN l.effective_cost_nanodollars IS NULL THEN c.calls ELSE 0 END::bigint AS unpriced_calls,
    l.input_tokens::numeric AS input_tokens, l.output_tokens::numeric AS output_tokens,
    COALESCE(l.list_cost_nanodollars, 0)::numeric AS list_cost_nanodollars,
    COALESCE(l.effective_cost_nanodollars, 0)::numeric AS effective_cost_nanodollars,
    CASE WHEN q.quality IS NULL THEN 0 ELSE c.calls END AS judged_calls,
    COALESCE(q.quality::numeric * c.calls, 0) AS quality_millionths,
    CASE WHEN q.quality IS NULL THEN 0 ELSE COALESCE(l.effective_cost_nanodollars, 0) END::numeric AS judged_cost_nanodollars
FROM ledger l
CROSS JOIN LATERAL (
    SELECT (CASE WHEN l.kind IN ('usage', 'estimated') THEN 1 WHEN l.kind = 'reversal' THEN -1 ELSE 0 END)::bigint AS calls) c
CROSS JOIN LATERAL (
    SELECT CASE WHEN l.corrects_entry_id IS NULL THEN l.quality_millionths
        ELSE (SELECT o.quality_millionths FROM ledger o WHERE o.entry_id = l.corrects_entry_id) END AS quality) q;

-- The ledger by user, run and tags: the sums, and the entries behind their fences. As in daily_cost, what is not known of any
-- call of a row is NULL.
CREATE VIEW detailed_cost AS
SELECT s.booking_month, s.day, s.team, s.feature, s.provider, s.model, s.service_tier, s.user_id, s.run, s.tag_keys,
    s.tag_values, s.entries, s.calls, s.unpriced_calls, s.input_tokens, s.output_tokens,
    CASE WHEN k.is_known THEN s.list_cost_nanodollars END AS list_cost_nanodollars,
    CASE WHEN k.is_known THEN s.effective_cost_nanodollars END AS effective_cost_nanodollars,
    s.judged_calls, s.quality_millionths, s.judged_cost_nanodollars
FROM (
    SELECT * FROM detail_sum
    UNION ALL
    SELECT l.booking_month, l.day, l.team, l.feature, l.provider, l.model, l.service_tier, l.user_id, l.run, l.tag_keys,
        l.tag_values, l.entries, l.calls, l.unpriced_calls, l.input_tokens, l.output_tokens, l.list_cost_nanodollars,
        l.effective_cost_nanodollars, l.judged_calls, l.quality_millionths, l.judged_cost_nanodollars
    FROM replica r LEFT JOIN detail_sum_fence f USING (replica_id)
    -- OFFSET 0: each replica's entries are read along the index of their ids, whatever PostgreSQL thinks of their number.
    CROSS JOIN LATERAL (
        SELECT * FROM ledger_detail d
        WHERE d.entry_id > GREATEST(f.entry_id, r.replica_id << 40) AND d.entry_id < (r.replica_id + 1) << 40
        OFFSET 0) l
    WHERE EXISTS (
        SELECT FROM batch b WHERE b.replica_id = r.replica_id AND b.number > COALESCE(f.batch_number, 0))
) s
CROSS JOIN LATERAL (
    SELECT s.unpriced_calls <= 0 OR s.calls > s.unpriced_calls OR s.list_cost_nanodollars <> 0
        OR s.effective_cost_nanodollars <> 0 AS is_known) k;

-- The month that a row adjusts: that of its usage date, where it is booked in a later one.
CREATE FUNCTION adjusts_month(day date, booking_month date) RETURNS text LANGUAGE sql STABLE
RETURN CASE WHEN day < booking_month THEN to_char(day, 'YYYY-MM') END;

-- Whether a group of reports is one that daily sums do not have.
CREATE FUNCTION is_detail(grouping_name text) RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN COALESCE(grouping_name IN ('user', 'run') OR grouping_name LIKE 'tag:%', false);

-- What a row is called in a group of reports; NULL where it has nothing of that kind.
CREATE FUNCTION group_value(
    grouping_name text, team text, cost_center text, feature text, user_id bigint, user_name text, run text, tag_keys text[],
    tag_values text[], provider text, model text, service_tier text, day date, booking_month date
) RETURNS text LANGUAGE sql STABLE
RETURN CASE
    WHEN grouping_name = 'team' THEN team
    WHEN grouping_name = 'cost_center' THEN cost_center
    WHEN grouping_name = 'feature' THEN NULLIF(feature, '')
    WHEN grouping_name = 'user' THEN CASE WHEN user_id <> 0 THEN COALESCE(user_name, 'erased') END
    WHEN grouping_name = 'run' THEN NULLIF(run, '')
    WHEN grouping_name = 'provider' THEN provider
    WHEN grouping_name = 'model' THEN model
    WHEN grouping_name = 'service_tier' THEN service_tier
    WHEN grouping_name = 'day' THEN to_char(day, 'YYYY-MM-DD')
    WHEN grouping_name = 'week' THEN to_char(date_trunc('week', day), 'YYYY-MM-DD')
    WHEN grouping_name = 'month' THEN to_char(booking_month, 'YYYY-MM')
    WHEN grouping_name LIKE 'tag:%' THEN tag_values[array_position(tag_keys, substr(grouping_name, 5))]
END;
