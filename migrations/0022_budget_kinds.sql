-- compatible
-- Budgets with one window for each value of a field, of hours, fiscal years and the last days, of an owner, with a plan.
--
-- What a server of the version before would count wrongly has the period 'extended', which it cannot read: it then refuses
-- the calls of such a budget instead.
--
-- Locks: ACCESS EXCLUSIVE on budget and budget_window for a moment; the index is built beside writers.

ALTER TABLE budget DROP CONSTRAINT budget_period_check;
ALTER TABLE budget ADD CONSTRAINT budget_period_check
    CHECK (period IN ('day', 'week', 'month', 'quarter', 'year', 'total', 'extended'));
-- The period in full where `period` is 'extended', such as 'hour', 'week from sunday', 'year from 4', '5 hours'.
ALTER TABLE budget ADD COLUMN extended_period text CHECK ((period = 'extended') = (extended_period IS NOT NULL));
-- The fields of the scope of which each value has windows of its own: 'run', 'tag:customer'.
ALTER TABLE budget ADD COLUMN each_fields text[] NOT NULL DEFAULT '{}';
ALTER TABLE budget ADD COLUMN owner text NOT NULL DEFAULT 'team' CHECK (owner IN ('team', 'company'));
-- Whether somebody who may change every budget has set it.
ALTER TABLE budget ADD COLUMN is_granted boolean NOT NULL DEFAULT false;
ALTER TABLE budget ADD COLUMN carry_over text NOT NULL DEFAULT 'none' CHECK (carry_over IN ('none', 'all', 'cap'));
ALTER TABLE budget ADD COLUMN carry_over_cap bigint CHECK ((carry_over = 'cap') = (carry_over_cap IS NOT NULL));
-- The limits of the windows that begin in these months.
ALTER TABLE budget ADD COLUMN planned_months date[] NOT NULL DEFAULT '{}';
ALTER TABLE budget ADD COLUMN planned_limits bigint[] NOT NULL DEFAULT '{}'
    CHECK (cardinality(planned_limits) = cardinality(planned_months));
ALTER TABLE budget ADD COLUMN is_paced boolean NOT NULL DEFAULT false;
ALTER TABLE budget ADD COLUMN unsettled text NOT NULL DEFAULT 'record'
    CHECK (unsettled IN ('record', 'input', 'estimate'));

-- Why a budget was changed, in the words of who changed it.
ALTER TABLE budget_history ADD COLUMN reason text;

-- The value whose window it is: the run, say. Empty for budgets with one window for all.
ALTER TABLE budget_window ADD COLUMN value text NOT NULL DEFAULT '';

CREATE OR REPLACE VIEW window_total AS
SELECT w.window_id, w.budget_number, w.starts_at, w.ends_at, w.limit_amount, w.opening_spent, w.opening_due_version,
    (w.spent + u.spent)::bigint AS spent, (w.leased - u.taken)::bigint AS leased, w.recall, w.revision, w.value
FROM budget_window w
CROSS JOIN LATERAL (
    SELECT COALESCE(sum(spent), 0) AS spent, COALESCE(sum(taken), 0) AS taken FROM uncollected_charge
    WHERE window_id = w.window_id) u;

-- The limit with which a window begins.
CREATE FUNCTION first_limit(budget, timestamptz) RETURNS bigint LANGUAGE sql STABLE
RETURN COALESCE(
    $1.planned_limits[array_position($1.planned_months, date_trunc('month', $2 AT TIME ZONE $1.time_zone)::date)],
    $1.limit_amount);

-- step
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS budget_window_value ON budget_window (budget_number, starts_at, value);
-- step
ALTER TABLE budget_window DROP CONSTRAINT IF EXISTS budget_window_budget_number_starts_at_key;
