-- compatible
-- How the ledger is read: the entries of one team in the order of their ids, and what calls cost, for all reports alike.

-- Only of the whole table, which takes no time. Partitions made from here on have it; the steps build it on the others.
CREATE INDEX ledger_of_team ON ONLY ledger (team, entry_id);

-- What the calls of a day cost. NULL where nothing is known of any of them: that is no cost, not a cost of 0.
-- Each report adds these up by columns of its own, so that all come to the same total.
CREATE VIEW daily_cost AS
SELECT booking_month, day, team, feature, provider, model, service_tier, status, entries, calls, unpriced_calls,
    downgraded_calls, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens,
    CASE WHEN is_known THEN list_cost_nanodollars END AS list_cost_nanodollars,
    CASE WHEN is_known THEN effective_cost_nanodollars END AS effective_cost_nanodollars,
    saved_nanodollars
FROM rollup
-- Corrections add to the cost of a month in which the calls themselves are not booked.
CROSS JOIN LATERAL (
    SELECT calls > unpriced_calls OR list_cost_nanodollars <> 0 OR effective_cost_nanodollars <> 0 AS is_known) k;

-- step for each partition of ledger
CREATE INDEX CONCURRENTLY IF NOT EXISTS {partition}_of_team ON {partition} (team, entry_id)

-- step for each partition of ledger
DO $$
DECLARE
    -- One that was made with the partition.
    attached regclass := (
        SELECT i.inhrelid FROM pg_inherits i JOIN pg_index x ON x.indexrelid = i.inhrelid
        WHERE i.inhparent = 'ledger_of_team'::regclass AND x.indrelid = '{partition}'::regclass);
BEGIN
    IF attached IS NULL THEN
        ALTER INDEX ledger_of_team ATTACH PARTITION {partition}_of_team;
    ELSIF attached <> '{partition}_of_team'::regclass THEN
        DROP INDEX {partition}_of_team;
    END IF;
END $$
