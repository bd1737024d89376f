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
    -- {"entries", "sha256", "kept_sha256", "total_nanodollars", "cost_centers", "adjustments", "price_book", "changes"}; amounts are texts.
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

-- What teams were called in a booking month: when it closed or, while it is open, now.
CREATE VIEW team_then AS
SELECT m.month, t.name AS team, CASE WHEN f.team IS NULL THEN team_called(t.name) ELSE f.name END AS name,
    CASE WHEN f.team IS NULL THEN t.display_name ELSE f.display_name END AS display_name,
    CASE WHEN f.team IS NULL THEN t.owner ELSE f.owner END AS owner,
    CASE WHEN f.team IS NULL THEN t.cost_center ELSE f.cost_center END AS cost_center
FROM month m CROSS JOIN team t LEFT JOIN month_team f ON m.state = 'closed' AND f.month = m.month AND f.team = t.name
    AND f.version = (SELECT max(c.version) FROM month_close c WHERE c.month = m.month);

-- What was written down of a close stays as it is, and nothing is added.
CREATE FUNCTION refuse_addition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM month_close c WHERE c.month = NEW.month AND c.version = NEW.version AND c.statement IS NOT NULL) THEN
        RAISE EXCEPTION '% of a month that has its statement is not added to', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_addition BEFORE INSERT ON month_team FOR EACH ROW EXECUTE FUNCTION refuse_addition();
CREATE TRIGGER refuse_addition BEFORE INSERT ON month_report FOR EACH ROW EXECUTE FUNCTION refuse_addition();

-- What a close keeps besides its sums: its reports, and what teams were called.
CREATE FUNCTION month_kept_sha256(of_month date, of_version bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(string_agg(sha256(convert_to(kept, 'UTF8')), ''::bytea ORDER BY kept COLLATE "C")), 'hex') FROM (
        SELECT jsonb_build_array('report', report, team, content)::text AS kept FROM month_report
        WHERE month = of_month AND version = of_version
        UNION ALL
        SELECT jsonb_build_array('team', team, name, display_name, owner, cost_center)::text FROM month_team
        WHERE month = of_month AND version = of_version
    ) k
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
        SELECT r.day, t.cost_center, r.entries, r.unpriced_calls, r.effective_cost_nanodollars AS cost
        FROM rollup r LEFT JOIN month_team t ON t.month = of_month AND t.version = of_version AND t.team = r.team
        WHERE r.booking_month = of_month
    ), centers AS (
        SELECT cost_center, sum(entries)::bigint AS entries, sum(unpriced_calls)::bigint AS unpriced_calls,
            sum(cost)::numeric AS cost
        FROM booked GROUP BY 1
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
            'unpriced_calls', unpriced_calls, 'cost_nanodollars', cost::text) ORDER BY cost_center COLLATE "C" NULLS LAST), '[]') FROM centers),
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

-- What credits pay of the sums behind (after_month, after_day), up to (last_month, last_day), as migration 0009 has it; only
-- that months may be reopened is new.
CREATE OR REPLACE FUNCTION credits_pay(after_month date, after_day date, last_month date, last_day date)
RETURNS TABLE (
    credit_id text, booking_month date, day date, team text, provider text, model text, drawn_nanodollars bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    -- Of each credit, at its place.
    ids text[];
    remaining bigint[];
    first_days date[];
    end_days date[];
    first_day date;
    cost bigint;
    places bigint[];
    place bigint;
    share record;
    unpaid bigint;
    cost_before bigint;
    paid_before bigint;
    surplus bigint;
    -- What is paid in open months before a booking month, and which.
    reopened credit_draw[] := '{}';
    reopened_before date;
BEGIN
    SELECT array_agg(c.id ORDER BY c.place), array_agg(c.valid_from ORDER BY c.place),
        array_agg(COALESCE(c.valid_until, 'infinity') ORDER BY c.place), min(c.valid_from),
        array_agg(c.amount_nanodollars - COALESCE(d.drawn, 0) - COALESCE(k.drawn, 0) ORDER BY c.place)
    INTO ids, first_days, end_days, first_day, remaining
    FROM credit_in_order c
    LEFT JOIN (
        SELECT credit_id, sum(drawn_nanodollars)::bigint AS drawn FROM credit_draw GROUP BY 1) d ON d.credit_id = c.id
    LEFT JOIN (
        SELECT credit_id, sum(drawn_nanodollars)::bigint AS drawn
        FROM credit_day k JOIN month m ON m.month = k.booking_month AND m.state = 'open'
        WHERE (k.booking_month, k.pay_day) <= (after_month, after_day) GROUP BY 1) k ON k.credit_id = c.id;
    IF ids IS NULL THEN RETURN; END IF;

    -- What is given back comes first, so that the month can draw it again.
    FOR booking_month, day, team, provider, model, cost, places IN
        WITH credits AS MATERIALIZED (TABLE credit_in_order), costs AS MATERIALIZED (
            SELECT r.booking_month, r.day, r.team, r.provider, r.model, sum(r.effective_cost_nanodollars)::bigint AS cost
            FROM rollup r
            WHERE r.booking_month IN (SELECT m.month FROM month m WHERE m.state = 'open')
                AND (r.booking_month, r.day) > (after_month, after_day)
                AND (r.booking_month, r.day) <= (last_month, last_day)
                AND r.booking_month >= date_trunc('month', first_day)::date AND r.day >= first_day
                AND r.provider IN (SELECT c.provider FROM credits c)
            GROUP BY 1, 2, 3, 4, 5
        ), payers AS (
            SELECT s.team, s.provider, s.model, array_agg(c.place ORDER BY c.place) AS places
            FROM (SELECT DISTINCT s.team, s.provider, s.model FROM costs s) s JOIN credits c ON c.provider = s.provider
                AND (c.model IS NULL OR c.model = s.model) AND (c.team IS NULL OR c.team = s.team)
            GROUP BY 1, 2, 3
        )
        SELECT s.booking_month, s.day, s.team, s.provider, s.model, s.cost, p.places
        FROM costs s LEFT JOIN payers p USING (team, provider, model)
        ORDER BY s.booking_month, s.cost > 0, s.day, s.team COLLATE "C", s.provider COLLATE "C", s.model COLLATE "C"
    LOOP
        unpaid := cost;

        -- Booked late, because the months since that day were closed: together with what they have, credits pay no
        -- more of the day than it costs. What they have paid beyond that is given back, last by the one that paid first.
        -- A month that was reopened meanwhile has no draws; what it pays is worked out.
        IF day < booking_month THEN
            IF reopened_before IS DISTINCT FROM booking_month AND EXISTS (
                SELECT FROM month m WHERE m.state = 'open' AND m.month < credits_pay.booking_month
                    AND m.month >= date_trunc('month', credits_pay.day)::date)
            THEN
                reopened_before := booking_month;
                reopened := ARRAY(
                    SELECT ROW(p.credit_id, p.booking_month, p.day, p.team, p.provider, p.model,
                        p.drawn_nanodollars)::credit_draw
                    FROM credits_pay('-infinity', '-infinity', reopened_before - 1, 'infinity') p);
            END IF;
            SELECT COALESCE(sum(r.effective_cost_nanodollars), 0) INTO cost_before
            FROM rollup r
            WHERE r.booking_month >= date_trunc('month', credits_pay.day)::date
                AND r.booking_month < credits_pay.booking_month AND r.day = credits_pay.day
                AND r.team = credits_pay.team AND r.provider = credits_pay.provider AND r.model = credits_pay.model;
            SELECT COALESCE(sum(d.drawn_nanodollars), 0) INTO paid_before
            FROM (TABLE credit_draw UNION ALL SELECT * FROM unnest(reopened)) d
            WHERE d.day = credits_pay.day AND d.team = credits_pay.team
                AND d.provider = credits_pay.provider AND d.model = credits_pay.model;
            unpaid := least(cost, cost_before + cost - paid_before);
            surplus := paid_before - greatest(cost_before + cost, 0);
            FOR share IN
                SELECT array_position(ids, d.credit_id) AS place, sum(d.drawn_nanodollars)::bigint AS paid
                FROM (TABLE credit_draw UNION ALL SELECT * FROM unnest(reopened)) d
                WHERE d.day = credits_pay.day AND d.team = credits_pay.team
                    AND d.provider = credits_pay.provider AND d.model = credits_pay.model
                GROUP BY d.credit_id HAVING sum(d.drawn_nanodollars) > 0 ORDER BY place DESC
            LOOP
                EXIT WHEN surplus <= 0;
                credit_id := ids[share.place];
                drawn_nanodollars := -least(surplus, share.paid);
                surplus := surplus + drawn_nanodollars;
                remaining[share.place] := remaining[share.place] - drawn_nanodollars;
                RETURN NEXT;
            END LOOP;
        END IF;

        CONTINUE WHEN unpaid <= 0 OR places IS NULL;
        FOREACH place IN ARRAY places LOOP
            CONTINUE WHEN remaining[place] <= 0 OR first_days[place] > day OR end_days[place] <= day;
            credit_id := ids[place];
            drawn_nanodollars := least(unpaid, remaining[place]);
            unpaid := unpaid - drawn_nanodollars;
            remaining[place] := remaining[place] - drawn_nanodollars;
            RETURN NEXT;
            EXIT WHEN unpaid <= 0;
        END LOOP;
    END LOOP;
END $$;

-- What credits have paid, by day and model: of closed months as it is kept, of the others worked out.
CREATE OR REPLACE FUNCTION credits_drawn(last_month date)
RETURNS TABLE (
    credit_id text, booking_month date, day date, team text, provider text, model text, drawn_nanodollars bigint)
LANGUAGE sql STABLE AS $$
    SELECT d.* FROM credit_draw d WHERE d.booking_month <= last_month
    UNION ALL
    SELECT p.* FROM credits_pay('-infinity', '-infinity', last_month, 'infinity') p
$$;

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
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON month_close FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON month_reopening FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON month_team FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON month_report FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON reconciliation_waiver
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

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
