-- compatible
-- A comparison of an invoice holds only as long as the ledger comes to what it was compared with.

-- How the comparison of a provider's calls stands: whether something is left of it, and whether the ledger has come to another
-- sum since.
CREATE VIEW reconciliation_standing AS
SELECT r.month, billed.provider, EXISTS (
        SELECT FROM reconciliation_found f WHERE f.reconciliation_id = r.reconciliation_id AND f.is_open) AS is_open,
    r.ours_nanodollars <> (SELECT COALESCE(sum(s.effective_cost_nanodollars), 0) FROM rollup s
        WHERE s.booking_month >= r.month AND s.day >= r.month AND s.day < r.month + interval '1 month'
            AND s.provider = ANY(r.billed_providers)) AS is_outdated
FROM reconciliation_newest r CROSS JOIN LATERAL unnest(r.billed_providers) AS billed(provider);

CREATE OR REPLACE FUNCTION reconciled_providers(of_month date) RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT DISTINCT provider FROM reconciliation_standing WHERE month = of_month AND NOT is_open AND NOT is_outdated
$$;
