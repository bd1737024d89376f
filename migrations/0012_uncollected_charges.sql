-- compatible
-- What replicas have charged to a window while another transaction had its row locked, and what they have given back to
-- it. Maintenance adds it to the row within seconds. Until then the row alone says too little spent and too much leased,
-- by the same amount or by more leased: a server of the version before, which reads the row alone, never grants too much.
CREATE TABLE uncollected_charge (
    window_id bigint NOT NULL,
    replica_id bigint NOT NULL,
    spent bigint NOT NULL CHECK (spent >= 0),
    -- Taken out of the replica's leases, or of those that holds of other replicas had.
    taken bigint NOT NULL CHECK (taken >= 0),
    PRIMARY KEY (window_id, replica_id)
) WITH (fillfactor = 50);

-- The windows with all that was charged to them.
CREATE VIEW window_total AS
SELECT w.window_id, w.budget_number, w.starts_at, w.ends_at, w.limit_amount, w.opening_spent, w.opening_due_version,
    (w.spent + u.spent)::bigint AS spent, (w.leased - u.taken)::bigint AS leased, w.recall, w.revision
FROM budget_window w
CROSS JOIN LATERAL (
    SELECT COALESCE(sum(spent), 0) AS spent, COALESCE(sum(taken), 0) AS taken FROM uncollected_charge
    WHERE window_id = w.window_id) u;
