-- compatible
-- What the ledger's columns do not say of a call. Most calls have none: a row here is the exception.
CREATE TABLE entry_note (
    entry_id bigint PRIMARY KEY,
    -- What was answered beside the cost: [{"code", "message", "fields", "residual_tokens"}].
    warnings jsonb NOT NULL,
    -- For each meter of the entry, the prompt of the pass that used it; NULL for a call of one pass.
    pass_tokens bigint[]
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON entry_note FOR EACH ROW EXECUTE FUNCTION refuse_change();
