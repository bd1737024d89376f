-- Several replicas on one window: idle leases are called back, and open holds outlive the replica that made them.

-- How often the idle leases of a window have been called back, and the last call each lease has answered.
ALTER TABLE budget_window ADD COLUMN recall bigint NOT NULL DEFAULT 0;
ALTER TABLE lease ADD COLUMN recall bigint NOT NULL DEFAULT 0;

-- The primary's timeline when the replica registered: a promoted standby begins another, and may lack its last leases.
ALTER TABLE replica ADD COLUMN timeline bigint NOT NULL DEFAULT 0;

-- Holds of replicas that ended in order, for any other to end when they expire.
CREATE TABLE handed_over (
    replica_id bigint NOT NULL,
    hold_number bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    -- The hold as its id has it.
    sealed text NOT NULL,
    PRIMARY KEY (replica_id, hold_number)
);
CREATE INDEX handed_over_expiry ON handed_over (expires_at);
