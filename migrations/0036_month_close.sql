-- compatible
-- Months close: in order, through their row in month_close, and for good. From then on PostgreSQL refuses rows of the month,
-- whoever writes them. What is reopened says why, and closes again as its next version.
--
-- Servers of the version before book what comes late for a closed month in the first open one, as this version does.
--
-- Locks: SHARE ROW EXCLUSIVE on month, ledger and its partitions, entry_agreement and its partitions, rollup, credit_draw and
-- usage_warning_sum, ACCESS EXCLUSIVE on deployment, for a moment.

-- Months up to this one are never reopened. It moves only forward.
ALTER TABLE deployment ADD COLUMN hard_lock_month date CHECK (extract(day FROM hard_lock_month) = 1);

-- A row closes its month. Its statement is written once, when all of the month was read.
CREATE TABLE month_close (
    month date NOT NULL REFERENCES month,
    -- Counts the closes of the month.
    version bigint NOT NULL,
    closed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    closed_by text NOT NULL,
    -- Whether a check had failed.
    forced boolean NOT NULL DEFAULT false,
    reason text,
    -- What was looked at before: [{"code", "status", "message"}].
    checks jsonb NOT NULL DEFAULT '[]',
    -- {"entries", "sha256", "total_nanodollars", "cost_centers", "adjustments", "price_book", "changes"}; amounts are texts.
    statement jsonb,
    PRIMARY KEY (month, version),
    CHECK (NOT forced OR reason IS NOT NULL)
);

-- A row opens its month again; version is the one that it ends.
CREATE TABLE month_reopening (
    month date NOT NULL,
    version bigint NOT NULL,
    reopened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reopened_by text NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (month, version),
    FOREIGN KEY (month, version) REFERENCES month_close
);

-- What was said of teams when the month closed. team is the name that it was made with, name what it was called.
CREATE TABLE month_team (
    month date NOT NULL,
    version bigint NOT NULL,
    team text NOT NULL,
    name text NOT NULL,
    display_name text,
    owner text,
    cost_center text,
    PRIMARY KEY (month, version, team),
    FOREIGN KEY (month, version) REFERENCES month_close
);

-- The reports of the month as they were when it closed, of one team or ('') of all.
CREATE TABLE month_report (
    month date NOT NULL,
    version bigint NOT NULL,
    report text NOT NULL,
    team text NOT NULL,
    -- {"definition", "price_book", "rows"}.
    content jsonb NOT NULL,
    PRIMARY KEY (month, version, report, team),
    FOREIGN KEY (month, version) REFERENCES month_close
);

-- Providers whose invoice nobody compares with the month, and why.
CREATE TABLE reconciliation_waiver (
    month date NOT NULL,
    provider text NOT NULL,
    waived_by text NOT NULL,
    waived_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reason text NOT NULL,
    PRIMARY KEY (month, provider)
);

-- The providers whose invoices were compared with a month.
CREATE FUNCTION reconciled_providers(of_month date) RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT NULL::text WHERE false
$$;

-- Months that were closed by hand before this get their statement with the next close.
INSERT INTO month_close (month, version, closed_at, closed_by)
SELECT month, 1, COALESCE(closed_at, clock_timestamp()), 'before closes were kept' FROM month WHERE state = 'closed';

-- The canonical export: the entries of a booking month, one line of CSV each, in the order of their ids. Its form is fixed:
-- times in UTC, amounts as whole nanodollars, users as numbers. An absent value is empty, an empty text is "".
CREATE FUNCTION csv_field(value text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN CASE WHEN value IS NULL THEN '' WHEN value = '' OR value ~ '[",\r\n]' THEN '"' || replace(value, '"', '""') || '"'
    ELSE value END;
CREATE FUNCTION csv_time(value timestamptz) RETURNS text LANGUAGE sql STABLE
RETURN to_char(value AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

CREATE FUNCTION month_export_header() RETURNS text LANGUAGE sql IMMUTABLE
RETURN 'entry_id,booking_month,kind,corrects_entry_id,occurred_at,recorded_at,day,source,request_id,attempt,team,feature,'
    || 'user_id,run,tag_keys,tag_values,requested_model,provider,model,service_tier,region,status,provider_request_id,'
    || 'provider_cost_nanodollars,latency_milliseconds,quality_millionths,meters,quantities,price_ids,input_tokens,'
    || 'output_tokens,residual_tokens,currency,list_cost_nanodollars,effective_cost_nanodollars,'
    || 'requested_cost_nanodollars,estimate_nanodollars,hold_replica_id,hold_number,window_ids,batch_replica_id,batch_number';

CREATE VIEW month_export AS
SELECT booking_month, entry_id, array_to_string(ARRAY[
    entry_id::text, to_char(booking_month, 'YYYY-MM-DD'), kind, corrects_entry_id::text, csv_time(occurred_at),
    csv_time(recorded_at), to_char(day, 'YYYY-MM-DD'), csv_field(source), csv_field(request_id), attempt::text,
    csv_field(team), csv_field(feature), user_id::text, csv_field(run), csv_field(tag_keys::text),
    csv_field(tag_values::text), csv_field(requested_model), csv_field(provider), csv_field(model),
    csv_field(service_tier), csv_field(region), csv_field(status), csv_field(provider_request_id),
    provider_cost_nanodollars::text, latency_milliseconds::text, quality_millionths::text, csv_field(meters::text),
    csv_field(quantities::text), csv_field(price_ids::text), input_tokens::text, output_tokens::text, residual_tokens::text,
    csv_field(currency), list_cost_nanodollars::text, effective_cost_nanodollars::text, requested_cost_nanodollars::text,
    estimate_nanodollars::text, hold_replica_id::text, hold_number::text, csv_field(window_ids::text),
    batch_replica_id::text, batch_number::text
], ',', '') AS line
FROM ledger;

-- What a close writes down of its month, but for what is read of the export.
CREATE FUNCTION month_statement(of_month date, of_version bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
    WITH booked AS (
        SELECT r.day, t.cost_center, r.entries, r.effective_cost_nanodollars AS cost
        FROM rollup r LEFT JOIN month_team t ON t.month = of_month AND t.version = of_version AND t.team = r.team
        WHERE r.booking_month = of_month
    ), centers AS (
        SELECT cost_center, sum(entries)::bigint AS entries, sum(cost)::numeric AS cost FROM booked GROUP BY 1
    ), adjusted AS (
        SELECT to_char(day, 'YYYY-MM') AS month, sum(entries)::bigint AS entries, sum(cost)::numeric AS cost
        FROM booked WHERE day < of_month GROUP BY 1
    ), before AS (
        SELECT c.closed_at, c.statement FROM month_close c
        WHERE c.month = of_month AND c.version = of_version - 1 AND c.statement IS NOT NULL
    ), centers_before AS (
        SELECT x ->> 'cost_center' AS cost_center, (x ->> 'cost_nanodollars')::numeric AS cost
        FROM before b, jsonb_array_elements(b.statement -> 'cost_centers') AS x
    ), changed AS (
        SELECT COALESCE(n.cost_center, o.cost_center) AS cost_center, COALESCE(o.cost, 0) AS before, COALESCE(n.cost, 0) AS after
        FROM centers n FULL JOIN centers_before o ON COALESCE(o.cost_center, '') = COALESCE(n.cost_center, '')
    ), added AS (
        SELECT team_called(l.team) AS team, l.kind, l.source, count(*) AS entries,
            COALESCE(sum(l.effective_cost_nanodollars), 0)::numeric AS cost
        FROM before o, ledger l JOIN batch b ON b.replica_id = l.batch_replica_id AND b.number = l.batch_number
        WHERE l.booking_month = of_month AND b.committed_at > o.closed_at GROUP BY 1, 2, 3
    )
    SELECT jsonb_build_object(
        'total_nanodollars', (SELECT COALESCE(sum(cost), 0)::text FROM centers),
        'cost_centers', (SELECT COALESCE(jsonb_agg(jsonb_build_object('cost_center', cost_center, 'entries', entries,
            'cost_nanodollars', cost::text) ORDER BY cost_center COLLATE "C" NULLS LAST), '[]') FROM centers),
        'adjustments', (SELECT COALESCE(jsonb_agg(jsonb_build_object('month', month, 'entries', entries,
            'cost_nanodollars', cost::text) ORDER BY month), '[]') FROM adjusted),
        'changes', (SELECT jsonb_build_object(
            'version', of_version - 1,
            'entries', (SELECT COALESCE(sum(entries), 0) FROM centers) - (o.statement ->> 'entries')::numeric,
            'cost_nanodollars', (SELECT (sum(after) - sum(before))::text FROM changed),
            'cost_centers', (SELECT jsonb_agg(jsonb_build_object('cost_center', cost_center, 'before_nanodollars', before::text,
                'after_nanodollars', after::text) ORDER BY cost_center COLLATE "C" NULLS LAST) FROM changed),
            'booked', (SELECT COALESCE(jsonb_agg(jsonb_build_object('team', team, 'kind', kind, 'source', source,
                'entries', entries, 'cost_nanodollars', cost::text) ORDER BY team COLLATE "C", kind, source), '[]') FROM added))
            FROM before o))
$$;

-- How a month changes its state ------------------------------------------------------------------------------------

CREATE FUNCTION refuse_month(text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', $1 USING ERRCODE = 'restrict_violation';
END $$;

-- Runs after keep_credits_drawn, which waits for the writers of the month.
CREATE FUNCTION check_month_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted text := to_char(COALESCE(NEW.month, OLD.month), 'YYYY-MM');
    other date;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'open' THEN PERFORM refuse_month(wanted || ' must begin open'); END IF;
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'open' THEN PERFORM refuse_month(wanted || ' is closed and stays'); END IF;
        RETURN OLD;
    END IF;
    IF NEW.month <> OLD.month THEN PERFORM refuse_month('a month stays the month that it is'); END IF;
    IF NEW.state = OLD.state THEN
        IF NEW.state = 'closed' AND NEW IS DISTINCT FROM OLD THEN PERFORM refuse_month(wanted || ' is closed'); END IF;
        RETURN NEW;
    END IF;
    IF NEW.state = 'closed' THEN
        IF NOT EXISTS (
            SELECT FROM month_close c WHERE c.month = NEW.month
                AND NOT EXISTS (SELECT FROM month_reopening r WHERE r.month = c.month AND r.version = c.version))
        THEN
            PERFORM refuse_month(wanted || ' is closed by its row in month_close');
        END IF;
        SELECT m.month INTO other FROM month m
        WHERE m.month < NEW.month AND m.state = 'open' AND EXISTS (SELECT FROM rollup r WHERE r.booking_month = m.month)
        ORDER BY 1 LIMIT 1;
        IF FOUND THEN
            PERFORM refuse_month(wanted || ' cannot close before ' || to_char(other, 'YYYY-MM') || ', which is open');
        END IF;
        RETURN NEW;
    END IF;
    IF EXISTS (
        SELECT FROM month_close c WHERE c.month = NEW.month
            AND NOT EXISTS (SELECT FROM month_reopening r WHERE r.month = c.month AND r.version = c.version))
    THEN
        PERFORM refuse_month(wanted || ' is reopened by its row in month_reopening');
    END IF;
    SELECT max(m.month) INTO other FROM month m WHERE m.month > NEW.month AND m.state = 'closed';
    IF other IS NOT NULL THEN
        PERFORM refuse_month('only the last closed month can be reopened: ' || to_char(other, 'YYYY-MM'));
    END IF;
    IF NEW.month <= (SELECT hard_lock_month FROM deployment FOR NO KEY UPDATE) THEN
        PERFORM refuse_month(wanted || ' is locked for good');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER month_change BEFORE INSERT OR UPDATE OR DELETE ON month FOR EACH ROW EXECUTE FUNCTION check_month_change();

CREATE FUNCTION close_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.version <> 1 + (SELECT count(*) FROM month_reopening r WHERE r.month = NEW.month) THEN
        PERFORM refuse_month(to_char(NEW.month, 'YYYY-MM') || ' does not close as version ' || NEW.version);
    END IF;
    UPDATE month SET state = 'closed', closed_at = NEW.closed_at WHERE month = NEW.month AND state = 'open';
    RETURN NULL;
END $$;
CREATE TRIGGER close_month AFTER INSERT ON month_close FOR EACH ROW EXECUTE FUNCTION close_month();

-- What credits have paid in the month is worked out again, as for every open month.
CREATE FUNCTION reopen_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7217, 0);
    UPDATE month SET state = 'open', closed_at = NULL WHERE month = NEW.month AND state = 'closed';
    DELETE FROM credit_draw WHERE booking_month = NEW.month;
    RETURN NULL;
END $$;
CREATE TRIGGER reopen_month AFTER INSERT ON month_reopening FOR EACH ROW EXECUTE FUNCTION reopen_month();

CREATE FUNCTION check_hard_lock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.hard_lock_month IS NOT DISTINCT FROM OLD.hard_lock_month THEN RETURN NEW; END IF;
    IF NEW.hard_lock_month IS NULL OR NEW.hard_lock_month < OLD.hard_lock_month THEN
        PERFORM refuse_month('the hard lock moves only forward');
    END IF;
    IF NOT EXISTS (SELECT FROM month m WHERE m.month = NEW.hard_lock_month AND m.state = 'closed') THEN
        PERFORM refuse_month('only a closed month is locked for good');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hard_lock BEFORE UPDATE OF hard_lock_month ON deployment FOR EACH ROW EXECUTE FUNCTION check_hard_lock();

-- What was closed stays ----------------------------------------------------------------------------------------------

CREATE FUNCTION refuse_change_but_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.statement IS NOT NULL OR to_jsonb(NEW) - 'statement' <> to_jsonb(OLD) - 'statement' THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON month_close
    FOR EACH ROW EXECUTE FUNCTION refuse_change_but_statement();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON month_reopening FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON month_team FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON month_report FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reconciliation_waiver FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Looks at the rows of one statement (transition table `changed`) together. It takes the lock that a close takes alone, as
-- servers do before, so that no row is on its way into a month while that closes.
CREATE FUNCTION refuse_closed_month() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched date[] := ARRAY(SELECT DISTINCT booking_month FROM changed);
    closed date;
BEGIN
    IF cardinality(touched) = 0 THEN RETURN NULL; END IF;
    PERFORM pg_advisory_xact_lock_shared(7214, (extract(year FROM t) * 12 + extract(month FROM t))::int - 1)
    FROM unnest(touched) AS t;
    SELECT m.month INTO closed FROM month m WHERE m.month = ANY (touched) AND m.state = 'closed' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% is closed: no row of it in % may be added, changed or deleted', to_char(closed, 'YYYY-MM'),
            TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', HINT = 'What comes late is booked in the first open month.';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM month WHERE state = 'closed') THEN
        RAISE EXCEPTION '% has rows of closed months and is not emptied', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.booking_month <> OLD.booking_month THEN
        PERFORM refuse_month('a row of ' || TG_TABLE_NAME || ' stays in its month');
    END IF;
    RETURN NEW;
END $$;

-- Has the rows of a table that is never changed keep to open months. Partitions are guarded one by one: a statement on one
-- does not run the triggers of its parent.
CREATE FUNCTION guard_added(guarded regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER closed_month_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_month()', guarded);
    EXECUTE format('CREATE OR REPLACE TRIGGER closed_month_truncate BEFORE TRUNCATE ON %s
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()', guarded);
END $$;

-- The same for sums, whose rows are changed and deleted while their month is open.
CREATE FUNCTION guard_changed(guarded regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM guard_added(guarded);
    EXECUTE format('CREATE OR REPLACE TRIGGER closed_month_update AFTER UPDATE ON %s REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_month()', guarded);
    EXECUTE format('CREATE OR REPLACE TRIGGER closed_month_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_month()', guarded);
    EXECUTE format('CREATE OR REPLACE TRIGGER closed_month_move BEFORE UPDATE OF booking_month ON %s
        FOR EACH ROW EXECUTE FUNCTION refuse_move()', guarded);
END $$;

SELECT guard_added(p) FROM unnest(ARRAY['ledger', 'entry_agreement']::regclass[]) AS p;
SELECT guard_added(inhrelid::regclass) FROM pg_inherits
WHERE inhparent IN ('ledger'::regclass, 'entry_agreement'::regclass);
SELECT guard_changed(t) FROM unnest(ARRAY['rollup', 'usage_warning_sum', 'credit_draw']::regclass[]) AS t;

-- A draw is deleted only when its month is reopened.
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE ON credit_draw FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE FUNCTION ensure_month(wanted date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    suffix text := to_char(wanted, 'YYYY_MM');
    following date := (wanted + interval '1 month')::date;
    parent text;
    partition text;
BEGIN
    IF EXISTS (SELECT 1 FROM month WHERE month = wanted) AND NOT EXISTS (
        SELECT 1 FROM unnest(ARRAY['ledger', 'raw_usage', 'entry_agreement']) AS p(name)
        WHERE to_regclass(p.name || '_' || suffix) IS NULL)
    THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(7212, 0);
    INSERT INTO month (month) VALUES (wanted) ON CONFLICT DO NOTHING;
    FOREACH parent IN ARRAY ARRAY['ledger', 'raw_usage', 'entry_agreement'] LOOP
        partition := parent || '_' || suffix;
        IF to_regclass(partition) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', partition, parent);
            IF parent <> 'raw_usage' THEN PERFORM guard_added(partition::regclass); END IF;
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                parent, partition, wanted, following);
        END IF;
    END LOOP;
END $$;
