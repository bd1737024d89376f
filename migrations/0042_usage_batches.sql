-- compatible
-- The import that has brought an event, so that a wrong one can be taken back whole.
ALTER TABLE entry_note ADD COLUMN usage_batch text;
CREATE INDEX entry_note_usage_batch ON entry_note (usage_batch, entry_id) WHERE usage_batch IS NOT NULL;
