-- compatible
-- Providers' invoices and exports, compared with the ledger. A later file of the same provider and month takes the place of
-- an earlier one, because providers write their months anew; the earlier comparison stays readable. Nothing is changed.
--
-- Locks: none on tables that are there already.

CREATE TABLE reconciliation (
    reconciliation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    -- Whose file it is, and how it is written.
    provider text NOT NULL,
    form text NOT NULL,
    -- The providers in the ledger whose calls it bills. None of a router's log, which is nobody's invoice.
    billed_providers text[] NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    made_by text NOT NULL,
    file_sha256 bytea NOT NULL,
    file_bytes bigint NOT NULL,
    -- The last day of the month that the file tells of; NULL: none.
    last_day date,
    ours_nanodollars bigint NOT NULL,
    theirs_nanodollars bigint NOT NULL,
    -- As the file has it, with all its places.
    theirs_exact text NOT NULL,
    warnings text[] NOT NULL
);
CREATE INDEX reconciliation_of_month ON reconciliation (month, provider, reconciliation_id);

-- What was found, matched or not. Together they are the whole difference, to the nanodollar.
CREATE TABLE reconciliation_line (
    reconciliation_id bigint NOT NULL REFERENCES reconciliation,
    number bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN (
        'matched', 'price', 'quantity', 'only_ours', 'only_theirs', 'timing', 'rounding', 'credit', 'tax', 'unexplained')),
    -- In UTC; NULL: of the month as a whole.
    day date,
    model text,
    ours_nanodollars bigint NOT NULL,
    theirs_nanodollars bigint NOT NULL,
    -- NULL where it is not told.
    ours_tokens bigint,
    theirs_tokens bigint,
    detail text,
    PRIMARY KEY (reconciliation_id, number)
);

-- Differences that finance takes as they are.
CREATE TABLE reconciliation_acceptance (
    reconciliation_id bigint NOT NULL,
    number bigint NOT NULL,
    accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    accepted_by text NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (reconciliation_id, number),
    FOREIGN KEY (reconciliation_id, number) REFERENCES reconciliation_line
);

-- Which model and which part of a call a provider's meter means, where its name does not say it.
CREATE TABLE provider_meter (
    provider text NOT NULL,
    meter_id text NOT NULL,
    model text NOT NULL,
    part text NOT NULL,
    set_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    set_by text NOT NULL,
    PRIMARY KEY (provider, meter_id)
);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reconciliation FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reconciliation_line FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON reconciliation_acceptance
FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The lines of comparisons, with whether something is left to decide on each.
CREATE VIEW reconciliation_found AS
SELECT l.*, a.accepted_at, a.accepted_by, a.reason AS accepted_reason,
    l.kind NOT IN ('matched', 'rounding') AND l.ours_nanodollars <> l.theirs_nanodollars
        AND a.number IS NULL AS is_open
FROM reconciliation_line l
LEFT JOIN reconciliation_acceptance a ON a.reconciliation_id = l.reconciliation_id AND a.number = l.number;

-- The newest comparison of each provider and month.
CREATE VIEW reconciliation_newest AS
SELECT DISTINCT ON (month, provider) * FROM reconciliation ORDER BY month, provider, reconciliation_id DESC;

-- How the comparison of a provider's calls stands: whether something is left of it, and whether the ledger has come to another
-- sum since.
CREATE VIEW reconciliation_standing AS
SELECT r.month, billed.provider, EXISTS (
        SELECT FROM reconciliation_found f WHERE f.reconciliation_id = r.reconciliation_id AND f.is_open) AS is_open,
    r.ours_nanodollars <> (SELECT COALESCE(sum(s.effective_cost_nanodollars), 0) FROM rollup s
        WHERE s.booking_month >= r.month AND s.day >= r.month AND s.day < r.month + interval '1 month'
            AND s.provider = ANY(r.billed_providers)) AS is_outdated
FROM reconciliation_newest r CROSS JOIN LATERAL unnest(r.billed_providers) AS billed(provider);

-- The providers whose invoices were compared with a month, and nothing is left of it.
CREATE FUNCTION reconciled_providers(of_month date) RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT DISTINCT provider FROM reconciliation_standing WHERE month = of_month AND NOT is_open AND NOT is_outdated
$$;
