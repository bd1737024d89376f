-- compatible
-- How long open holds last that were given more time. An expiry that finds its hold here does not end it before then.
CREATE TABLE hold_extension (
    replica_id bigint NOT NULL,
    hold_number bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    extended_at timestamptz NOT NULL,
    PRIMARY KEY (replica_id, hold_number)
);
CREATE INDEX hold_extension_expiry ON hold_extension (expires_at);
