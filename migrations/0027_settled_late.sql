-- compatible
-- The entry that settled a call after its hold had expired: the call is accounted for after all. Servers of the version before
-- leave it out.
ALTER TABLE unsettled ADD COLUMN IF NOT EXISTS entry_id bigint;
-- step
CREATE INDEX CONCURRENTLY IF NOT EXISTS unsettled_recorded ON unsettled (recorded_at)
-- step
CREATE INDEX CONCURRENTLY IF NOT EXISTS unsettled_of_team ON unsettled (team, unsettled_id) WHERE entry_id IS NULL
