-- What a row lock a call needs at least: the budget, and what was spent of it.
CREATE TABLE budget (
    budget_id bigint PRIMARY KEY,
    limit_amount bigint NOT NULL,
    spent bigint NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE entry (
    entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    budget_id bigint NOT NULL,
    amount bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO budget VALUES (1, 1000000000000000000, 0);
