-- compatible
-- Changes of the configuration are read one by one, budgets open without a scan under a lock, old rows are found by
-- their age, and months are made without stopping anybody.
--
-- Locks: ACCESS EXCLUSIVE on budget and budget_window for a moment; indexes are built beside writers.

-- The transaction that changed a budget last, also where a server of an earlier version did. NULL: before this column.
ALTER TABLE budget ADD COLUMN changed_in xid8;
ALTER TABLE budget ALTER COLUMN changed_in SET DEFAULT pg_current_xact_id();
CREATE INDEX budget_changed_in ON budget (changed_in);

CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_in := pg_current_xact_id();
    RETURN NEW;
END $$;
CREATE TRIGGER note_change BEFORE UPDATE ON budget FOR EACH ROW EXECUTE FUNCTION note_change();

-- Once every replica has this configuration, what calls had spent in the window before can be summed for good. NULL: it
-- is summed.
ALTER TABLE budget_window ADD COLUMN opening_due_version bigint;

-- Sums of the ledger by quarter of an hour and all that a scope can name. No time zone begins a day within a quarter.
-- Each entry counts twice: once by user, run and tags, and once without them, because most scopes name none of these.
CREATE TABLE scope_sum (
    is_fine boolean NOT NULL,
    team text NOT NULL,
    slot timestamptz NOT NULL,
    feature text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    -- 0 and '' where absent, and where is_fine is false.
    user_id bigint NOT NULL,
    run text NOT NULL,
    tag_keys text[] NOT NULL,
    tag_values text[] NOT NULL,
    calls bigint NOT NULL,
    tokens numeric NOT NULL,
    cost_nanodollars numeric NOT NULL,
    PRIMARY KEY (is_fine, team, slot, feature, provider, model, user_id, run, tag_keys, tag_values)
);
CREATE INDEX scope_sum_slot ON scope_sum (is_fine, slot);

-- Up to which batch of a replica the ledger is in scope_sum. What follows is read from the ledger.
CREATE TABLE scope_sum_fence (
    replica_id bigint PRIMARY KEY,
    batch_number bigint NOT NULL,
    entry_id bigint NOT NULL
);

-- The partitions of a month; made weeks ahead. Attaching a table does not stop readers or writers of the others.
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
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                parent, partition, wanted, following);
        END IF;
    END LOOP;
END $$;
-- step
CREATE INDEX CONCURRENTLY IF NOT EXISTS budget_window_opening_due ON budget_window (window_id)
    WHERE opening_due_version IS NOT NULL
-- step
CREATE INDEX CONCURRENTLY IF NOT EXISTS budget_window_end ON budget_window (ends_at)
-- step
CREATE INDEX CONCURRENTLY IF NOT EXISTS entry_key_recorded ON entry_key (recorded_at)
-- step
CREATE INDEX CONCURRENTLY IF NOT EXISTS hold_end_ended ON hold_end (ended_at)
-- step
DROP INDEX CONCURRENTLY IF EXISTS entry_key_age
-- step
DROP INDEX CONCURRENTLY IF EXISTS hold_end_age
