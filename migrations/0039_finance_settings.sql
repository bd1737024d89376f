-- compatible
-- What the reports of finance need to know of the company's books: account codes for the journal, and by which key the costs of
-- teams without a cost centre are shared out in statements.
--
-- Locks: ACCESS EXCLUSIVE on deployment for a moment.
ALTER TABLE deployment ADD COLUMN shared_cost_key text NOT NULL DEFAULT 'none'
    CHECK (shared_cost_key IN ('none', 'cost', 'calls', 'tokens', 'equal'));

CREATE TABLE account_code (
    account text NOT NULL CHECK (account IN ('expense', 'adjustment', 'accrual', 'prepaid')),
    -- A cost centre or a provider; '' for all that have no code of their own.
    name text NOT NULL DEFAULT '',
    code text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    changed_by text NOT NULL,
    PRIMARY KEY (account, name)
);
