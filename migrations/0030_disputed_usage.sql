-- compatible
-- What refused usage said of its call, so that it can be accepted in place of the entry that was committed; and what was
-- decided. Servers of the version before leave out what was said: the committed entry says it then.
--
-- Locks: ACCESS EXCLUSIVE on disputed for a moment.

ALTER TABLE disputed
    ADD COLUMN feature text,
    ADD COLUMN user_id bigint,
    ADD COLUMN run text,
    ADD COLUMN tag_keys text[],
    ADD COLUMN tag_values text[],
    ADD COLUMN requested_model text,
    -- NULL: a server of the version before has kept it, without all this.
    ADD COLUMN service_tier text,
    ADD COLUMN region text,
    ADD COLUMN status text,
    ADD COLUMN attempt bigint,
    ADD COLUMN provider_request_id text,
    ADD COLUMN provider_cost_nanodollars bigint,
    ADD COLUMN latency_milliseconds bigint,
    ADD COLUMN quality_millionths bigint,
    -- The prompt of each line's pass, 0 for the whole prompt.
    ADD COLUMN pass_tokens bigint[],
    ADD COLUMN state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'dismissed')),
    ADD COLUMN decided_by text,
    ADD COLUMN decided_at timestamptz,
    ADD COLUMN decision_reason text,
    -- The entry that took the place of the committed one.
    ADD COLUMN entry_id bigint,
    ADD CHECK ((state = 'open') = (decided_at IS NULL) AND (state = 'accepted') = (entry_id IS NOT NULL));
-- step
CREATE INDEX CONCURRENTLY IF NOT EXISTS disputed_of_team ON disputed (team, disputed_id)
-- step
CREATE INDEX CONCURRENTLY IF NOT EXISTS disputed_open ON disputed (disputed_id) WHERE state = 'open'
