-- compatible
-- Why recorded usage was taken back, and by whom. The entry that takes it back names it in corrects_entry_id.
CREATE TABLE usage_reversal (
    -- The entry that is taken back.
    entry_id bigint PRIMARY KEY,
    reversed_by text NOT NULL,
    reversed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reason text NOT NULL
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON usage_reversal FOR EACH ROW EXECUTE FUNCTION refuse_change();
