-- compatible
-- A token's request that may come twice. Its secret text is computed from the caller's own token and this salt, so neither a
-- copy of the database nor the caller's token alone opens anything. Rows are deleted after a day.
CREATE TABLE token_request (
    -- The Idempotency-Key of the request.
    key text PRIMARY KEY,
    token_id bigint NOT NULL REFERENCES token,
    salt bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX token_request_made ON token_request (made_at);
