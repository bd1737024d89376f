-- compatible
-- Why recorded usage was taken back, and by whom. The entry that takes it back names it in corrects_entry_id.
CREATE TABLE usage_reversal (
    -- The entry that is taken back.
    entry_id bigint PRIMARY KEY,
    reversed_by text NOT NULL,
    reversed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reason text NOT NULL
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON usage_reversal FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON usage_reversal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- As before, but that calls that were all taken back cost 0, which is known.
CREATE OR REPLACE VIEW daily_cost AS
SELECT booking_month, day, team, feature, provider, model, service_tier, status, entries, calls, unpriced_calls,
    downgraded_calls, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens,
    CASE WHEN is_known THEN list_cost_nanodollars END AS list_cost_nanodollars,
    CASE WHEN is_known THEN effective_cost_nanodollars END AS effective_cost_nanodollars,
    saved_nanodollars
FROM rollup
-- Corrections add to the cost of a month in which the calls themselves are not booked.
CROSS JOIN LATERAL (
    SELECT unpriced_calls <= 0 OR calls > unpriced_calls OR list_cost_nanodollars <> 0
        OR effective_cost_nanodollars <> 0 AS is_known) k;
