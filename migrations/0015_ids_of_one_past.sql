-- compatible
-- A restore from a backup gives no id again that the lost time has given. Servers keep ids of windows, budgets, prices and
-- agreements in memory, and holds name windows and budgets from outside the database: what they name is there, or it is
-- lost, but it is never another's. Also where a server of an earlier version inserts the rows.
--
-- Ids follow the time: none is below the number of microseconds since 2026. A row takes longer than that, so ids never run
-- ahead of the time. They still grow, and fit into the whole numbers of JSON until 2311. If PostgreSQL's clock has gone
-- back too, an id would have to fall on the very microsecond of another.
--
-- Users need none of this: a server has the id of a user from a batch of its own, and no batch goes on where that is lost.
CREATE FUNCTION let_ids_follow_time() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids text := format('%I.%I', TG_TABLE_SCHEMA, TG_ARGV[0]);
    latest bigint;
    least bigint;
BEGIN
    -- Of two who raise the ids at once, the earlier must not set them back. Who has the lock waits for nobody, and leaves
    -- it whatever happens: it would outlast the transaction.
    PERFORM pg_advisory_lock(7219, 0);
    BEGIN
        least := floor(extract(epoch FROM clock_timestamp() - timestamptz '2026-01-01 00:00Z') * 1000000);
        EXECUTE 'SELECT last_value FROM ' || ids INTO latest;
        IF latest < least THEN PERFORM setval(ids, least); END IF;
    EXCEPTION WHEN query_canceled OR OTHERS THEN
        PERFORM pg_advisory_unlock(7219, 0);
        RAISE;
    END;
    PERFORM pg_advisory_unlock(7219, 0);
    RETURN NULL;
END $$;

-- Before the statement draws its first id.
CREATE TRIGGER ids_follow_time BEFORE INSERT ON budget_window
    FOR EACH STATEMENT EXECUTE FUNCTION let_ids_follow_time('budget_window_window_id_seq');
CREATE TRIGGER ids_follow_time BEFORE INSERT ON budget
    FOR EACH STATEMENT EXECUTE FUNCTION let_ids_follow_time('budget_budget_number_seq');
CREATE TRIGGER ids_follow_time BEFORE INSERT ON price
    FOR EACH STATEMENT EXECUTE FUNCTION let_ids_follow_time('price_price_id_seq');
CREATE TRIGGER ids_follow_time BEFORE INSERT ON agreement_rate
    FOR EACH STATEMENT EXECUTE FUNCTION let_ids_follow_time('price_price_id_seq');
CREATE TRIGGER ids_follow_time BEFORE INSERT ON agreement
    FOR EACH STATEMENT EXECUTE FUNCTION let_ids_follow_time('agreement_agreement_id_seq');
