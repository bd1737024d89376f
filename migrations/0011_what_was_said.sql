-- compatible
-- A digest of what the reporter of an entry said, which the price book has no part in. `digest` stays as it was: servers of
-- the version before write and compare it. NULL in rows that they wrote.
ALTER TABLE entry_key ADD COLUMN IF NOT EXISTS said_digest bytea;
