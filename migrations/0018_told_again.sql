-- compatible
-- Alerts that are told again after a limit is raised, and what reports say of warnings and of providers' own costs.

-- Set once a share of the limit is no longer reached, because the limit was raised. It may then be reached again.
ALTER TABLE alert ADD COLUMN rearmed_at timestamptz;

-- How many calls were booked with a warning. By replica, so that no two servers wait for one row.
CREATE TABLE usage_warning_sum (
    booking_month date NOT NULL,
    replica_id bigint NOT NULL,
    code text NOT NULL,
    team text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    calls bigint NOT NULL,
    PRIMARY KEY (booking_month, replica_id, code, team, provider, model)
);

-- NULL in rows that servers of the version before write. It spares looking for the entry in every month.
ALTER TABLE entry_note ADD COLUMN booking_month date;

CREATE FUNCTION sum_usage_warnings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO usage_warning_sum (booking_month, replica_id, code, team, provider, model, calls)
    SELECT e.booking_month, e.entry_id >> 40, w.code, e.team, e.provider, e.model, count(*)
    FROM (
        SELECT l.entry_id, l.booking_month, l.team, l.provider, l.model, n.warnings
        FROM added n JOIN ledger l ON l.entry_id = n.entry_id AND l.booking_month = n.booking_month
        UNION ALL
        SELECT l.entry_id, l.booking_month, l.team, l.provider, l.model, n.warnings
        FROM added n JOIN ledger l USING (entry_id) WHERE n.booking_month IS NULL
    ) e
    CROSS JOIN LATERAL (SELECT DISTINCT warning ->> 'code' AS code FROM jsonb_array_elements(e.warnings) AS a(warning)) w
    GROUP BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (booking_month, replica_id, code, team, provider, model)
        DO UPDATE SET calls = usage_warning_sum.calls + excluded.calls;
    RETURN NULL;
END $$;

-- Nobody adds a note between the sums of those that are there and the trigger.
LOCK TABLE entry_note IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO usage_warning_sum (booking_month, replica_id, code, team, provider, model, calls)
SELECT l.booking_month, l.entry_id >> 40, w.code, l.team, l.provider, l.model, count(*)
FROM entry_note n JOIN ledger l USING (entry_id)
CROSS JOIN LATERAL (SELECT DISTINCT warning ->> 'code' AS code FROM jsonb_array_elements(n.warnings) AS a(warning)) w
GROUP BY 1, 2, 3, 4, 5, 6;
CREATE TRIGGER sum_warnings AFTER INSERT ON entry_note REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION sum_usage_warnings();

-- The calls of which the provider's own cost is known, with all that the report of them reads.
CREATE INDEX ledger_provider_cost ON ONLY ledger (day, provider, model)
    INCLUDE (team, entry_id, provider_cost_nanodollars, effective_cost_nanodollars)
    WHERE provider_cost_nanodollars IS NOT NULL AND kind = 'usage';

-- step
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS alert_once ON alert (window_id, threshold_millionths)
    WHERE rearmed_at IS NULL

-- step
ALTER TABLE alert DROP CONSTRAINT IF EXISTS alert_window_id_threshold_millionths_key

-- step for each partition of ledger
CREATE INDEX CONCURRENTLY IF NOT EXISTS {partition}_provider_cost ON {partition} (day, provider, model)
    INCLUDE (team, entry_id, provider_cost_nanodollars, effective_cost_nanodollars)
    WHERE provider_cost_nanodollars IS NOT NULL AND kind = 'usage'

-- step for each partition of ledger
DO $$
DECLARE
    -- One that was made with the partition.
    attached regclass := (
        SELECT i.inhrelid FROM pg_inherits i JOIN pg_index x ON x.indexrelid = i.inhrelid
        WHERE i.inhparent = 'ledger_provider_cost'::regclass AND x.indrelid = '{partition}'::regclass);
BEGIN
    IF attached IS NULL THEN
        ALTER INDEX ledger_provider_cost ATTACH PARTITION {partition}_provider_cost;
    ELSIF attached <> '{partition}_provider_cost'::regclass THEN
        DROP INDEX {partition}_provider_cost;
    END IF;
END $$
