-- compatible
-- How the spending in the scope of a paced budget is spread over a week, from which the plan of its windows follows.
--
-- Locks: nothing that is in use.

CREATE TABLE spending_profile (
    budget_number bigint PRIMARY KEY REFERENCES budget,
    -- One for each hour of a week in the budget's time zone, from Monday's first on. Empty as long as fewer than two whole
    -- weeks are known.
    weights bigint[] NOT NULL CHECK (cardinality(weights) IN (0, 168)),
    worked_out_at timestamptz NOT NULL
);
