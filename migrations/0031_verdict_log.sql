-- compatible
-- The verdict log: each call, its verdict and what came of it, in the order in which a replica's engine saw them. What a
-- changed budget would have said is worked out from it. Servers of the version before log nothing.
CREATE TABLE verdict_page (
    replica_id bigint NOT NULL,
    -- Counts up within a start of a server.
    number bigint NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    calls bigint NOT NULL,
    -- The users that the records name by their place in this list. A name that is erased in person is nowhere else.
    user_ids bigint[] NOT NULL,
    -- Records in a form of their own; the first byte says which.
    content bytea NOT NULL,
    PRIMARY KEY (replica_id, number)
);
CREATE INDEX verdict_page_last ON verdict_page (last_at);
