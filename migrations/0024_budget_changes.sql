-- compatible
-- More of a budget for a time, and who may have it; and what a window leaves to the next.
--
-- Servers of the version before open windows without what was added to the budget's limit. They never allow more for it.
--
-- Locks: ACCESS EXCLUSIVE on budget and budget_window for a moment.

-- How much more a team may give itself in a window, by requests that nobody must approve. NULL: nothing.
ALTER TABLE budget ADD COLUMN allowance bigint CHECK (allowance >= 0);

-- Boosts: added to the limit of the windows that they meet.
CREATE TABLE budget_boost (
    boost_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    budget_number bigint NOT NULL REFERENCES budget,
    -- In the budget's unit.
    amount bigint NOT NULL CHECK (amount > 0),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    state text NOT NULL CHECK (state IN ('planned', 'active', 'ended', 'withdrawn')),
    -- When maintenance begins or ends it. NULL: nothing is left to do.
    due_at timestamptz GENERATED ALWAYS AS (CASE state WHEN 'planned' THEN starts_at WHEN 'active' THEN ends_at END) STORED,
    reason text NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    withdrawn_by text,
    withdrawn_at timestamptz,
    CHECK ((state = 'withdrawn') = (withdrawn_by IS NOT NULL) AND (state = 'withdrawn') = (withdrawn_at IS NOT NULL))
);
CREATE INDEX budget_boost_budget ON budget_boost (budget_number);
CREATE INDEX budget_boost_due ON budget_boost (due_at) WHERE due_at IS NOT NULL;

-- What the window before has left, whatever of it the budget carries over.
ALTER TABLE budget_window ADD COLUMN carried bigint NOT NULL DEFAULT 0 CHECK (carried >= 0);
CREATE INDEX budget_carrying ON budget (budget_number) WHERE carry_over <> 'none' AND removed_at IS NULL;

CREATE OR REPLACE VIEW window_total AS
SELECT w.window_id, w.budget_number, w.starts_at, w.ends_at, w.limit_amount, w.opening_spent, w.opening_due_version,
    (w.spent + u.spent)::bigint AS spent, (w.leased - u.taken)::bigint AS leased, w.recall, w.revision, w.value, w.carried
FROM budget_window w
CROSS JOIN LATERAL (
    SELECT COALESCE(sum(spent), 0) AS spent, COALESCE(sum(taken), 0) AS taken FROM uncollected_charge
    WHERE window_id = w.window_id) u;

CREATE FUNCTION left_over(window_total) RETURNS bigint LANGUAGE sql IMMUTABLE
RETURN LEAST(9223372036854775807, GREATEST(0, $1.limit_amount::numeric - $1.spent - $1.leased))::bigint;

-- What a budget carries over of what was left.
CREATE FUNCTION carried_over(budget, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
RETURN CASE $1.carry_over WHEN 'all' THEN $2 WHEN 'cap' THEN LEAST($2, $1.carry_over_cap) ELSE 0 END;

-- The limit of a window from one time to another, which inherits what was left: the planned one or the budget's, and what is
-- added to it.
CREATE FUNCTION window_limit(budget, timestamptz, timestamptz, bigint) RETURNS bigint LANGUAGE sql STABLE
RETURN LEAST(9223372036854775807, first_limit($1, $2)::numeric + carried_over($1, $4) + COALESCE(
    (SELECT sum(o.amount) FROM budget_boost o
    WHERE o.budget_number = $1.budget_number AND o.state = 'active' AND o.ends_at > GREATEST($2, clock_timestamp())
        AND ($3 IS NULL OR o.starts_at < $3)), 0))::bigint;

-- Requests for more of a budget. One that is approved has made its boost.
CREATE TABLE budget_request (
    request_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    budget_number bigint NOT NULL REFERENCES budget,
    -- Whose request it is; NULL: nobody's of a team.
    team text,
    -- In the budget's unit.
    amount bigint NOT NULL CHECK (amount > 0),
    starts_at timestamptz,
    ends_at timestamptz NOT NULL,
    reason text NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'approved', 'denied', 'expired', 'withdrawn')),
    expires_at timestamptz NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    decided_by text,
    decided_at timestamptz,
    decision_reason text,
    boost_id bigint UNIQUE REFERENCES budget_boost,
    CHECK ((state = 'approved') = (boost_id IS NOT NULL))
);
CREATE INDEX budget_request_open ON budget_request (expires_at) WHERE state = 'open';
CREATE INDEX budget_request_budget ON budget_request (budget_number);

-- Changes of budgets that are to be made at a time to come.
CREATE TABLE planned_change (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    budget_number bigint NOT NULL REFERENCES budget,
    -- What it changes and nothing else: the body of a PATCH.
    content text NOT NULL,
    effective_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'made', 'failed', 'withdrawn')),
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    -- The budgets that who has asked may change: of a team, of the company.
    may_change text[] NOT NULL,
    -- Of the budget as the change left it.
    version bigint,
    why_failed text,
    withdrawn_by text
);
CREATE INDEX planned_change_due ON planned_change (effective_at) WHERE state = 'planned';
CREATE INDEX planned_change_budget ON planned_change (budget_number);
