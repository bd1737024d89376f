-- compatible
-- Alerts that wait for nobody.

-- A channel without a team gets the alerts of every budget. Its team is '', as in the keys of sums: servers of the
-- version before read a text here, and send their alerts to the channels of one team.
ALTER TABLE alert_channel
    DROP CONSTRAINT IF EXISTS alert_channel_team_fkey,
    -- No server tries a delivery before this: one is under way, or the last one failed.
    ADD COLUMN next_attempt_at timestamptz NOT NULL DEFAULT '-infinity',
    -- How many attempts have failed since the last one that was delivered.
    ADD COLUMN failures bigint NOT NULL DEFAULT 0;

-- Why there is an alert: a share of the limit was reached, or a call was denied because too little was left. Of a denial
-- the threshold is 0, which no budget can ask for, so that neither uses up the other's once a window.
ALTER TABLE alert ADD COLUMN kind text NOT NULL DEFAULT 'crossed' CHECK (kind IN ('crossed', 'denied'));

-- Servers of the version before told a denial as the crossing of 100 %.
UPDATE alert SET kind = 'denied', threshold_millionths = 0
WHERE threshold_millionths = 1000000 AND spent < limit_amount;

-- step
CREATE INDEX CONCURRENTLY IF NOT EXISTS alert_delivery_of_channel ON alert_delivery (channel, next_attempt_at);

-- step
CREATE INDEX CONCURRENTLY IF NOT EXISTS alert_age ON alert (crossed_at);
