-- compatible
-- What windows of the last hours or days have spent, by when it no longer counts. A window's row has the sum of its slots.
-- Who changes slots has the window's row locked.
CREATE TABLE window_slot (
    window_id bigint NOT NULL REFERENCES budget_window,
    leaves_at timestamptz NOT NULL,
    spent bigint NOT NULL,
    -- What of it was spent before the budget was made, by calls that do not name the window.
    opening_spent bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (window_id, leaves_at)
) WITH (fillfactor = 50);
CREATE INDEX window_slot_leaves ON window_slot (leaves_at);
