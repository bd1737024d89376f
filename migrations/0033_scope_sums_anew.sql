-- compatible
-- Sums by scope are made anew. The first portion of a new server had the entries of all servers before it once more, so budgets
-- that were made since opened with more spent than was. Maintenance adds the ledger again, and what needs a sum meanwhile reads
-- the ledger behind the fences. Sums of months that were detached cannot be made anew, and stay.
--
-- Locks: EXCLUSIVE on scope_sum_fence and scope_sum, which only maintenance writes, until the old sums are deleted; SHARE ROW
-- EXCLUSIVE on replica for a moment after that.

-- In the order in which maintenance takes them.
LOCK TABLE scope_sum_fence IN EXCLUSIVE MODE;
LOCK TABLE scope_sum IN EXCLUSIVE MODE;

DELETE FROM scope_sum WHERE slot >= (
    SELECT COALESCE(
        (max(m.month) + interval '1 month')::timestamp AT TIME ZONE (SELECT accounting_time_zone FROM deployment), '-infinity')
    FROM month m WHERE NOT EXISTS (
        SELECT FROM pg_inherits i WHERE i.inhparent = 'ledger'::regclass
            AND i.inhrelid = to_regclass('ledger_' || to_char(m.month, 'YYYY_MM'))));
DELETE FROM scope_sum_fence;

-- A server without a fence began below the entries of all others. It has one from its start, so that servers of the version
-- before add right too.
CREATE FUNCTION begin_scope_sums() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO scope_sum_fence (replica_id, batch_number, entry_id) VALUES (NEW.replica_id, 0, NEW.replica_id << 40);
    RETURN NULL;
END $$;
CREATE TRIGGER begin_scope_sums AFTER INSERT ON replica FOR EACH ROW EXECUTE FUNCTION begin_scope_sums();
INSERT INTO scope_sum_fence (replica_id, batch_number, entry_id) SELECT replica_id, 0, replica_id << 40 FROM replica;
