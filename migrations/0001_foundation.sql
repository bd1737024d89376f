-- The whole house: who there is, what may be spent, what was spent, and proof of it.
-- Amounts are integers: nanodollars (1e-9 USD), tokens or calls. Absent names in keys of sums are ''.

-- Configuration --------------------------------------------------------------------------------------------------

CREATE TABLE deployment (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    -- Grows with every change of budgets, ladders, prices, teams or tokens; replicas say which they have.
    configuration_version bigint NOT NULL DEFAULT 1,
    price_version bigint NOT NULL DEFAULT 1,
    accounting_time_zone text NOT NULL,
    -- Up to four tag keys that rollups keep apart.
    rollup_tag_keys text[] NOT NULL DEFAULT '{}' CHECK (cardinality(rollup_tag_keys) <= 4)
);

CREATE TABLE seal_key (
    version smallint PRIMARY KEY CHECK (version BETWEEN 1 AND 255),
    key bytea NOT NULL CHECK (length(key) = 32),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE team (
    name text PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE token (
    token_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- SHA-256 of a random token: what is stored opens nothing.
    hash bytea NOT NULL UNIQUE,
    role text NOT NULL CHECK (role IN ('router', 'team', 'finance', 'admin')),
    team text REFERENCES team,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    revoked_at timestamptz,
    CHECK ((role = 'team') <= (team IS NOT NULL))
);

CREATE TABLE price_provider (
    provider text PRIMARY KEY,
    -- Whether a bare model name means this provider.
    is_maker boolean NOT NULL,
    -- SHA-256 of the price file it was last read from.
    file_digest bytea
);

CREATE TABLE price_model (
    provider text NOT NULL REFERENCES price_provider,
    model text NOT NULL,
    max_input_tokens bigint,
    max_output_tokens bigint,
    alias_of text,
    PRIMARY KEY (provider, model)
);

-- Effective-dated and never edited: a later row of the same meter, tier and threshold takes over from its valid_from.
CREATE TABLE price (
    price_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider text NOT NULL,
    model text NOT NULL,
    meter text NOT NULL,
    service_tier text NOT NULL,
    above_context_tokens bigint NOT NULL CHECK (above_context_tokens >= 0),
    femtodollars_per_unit bigint NOT NULL CHECK (femtodollars_per_unit >= 0),
    valid_from timestamptz NOT NULL,
    valid_until timestamptz CHECK (valid_until > valid_from),
    source text NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (provider, model) REFERENCES price_model
);

CREATE INDEX price_of_model ON price (provider, model);

CREATE TABLE ladder (
    team text NOT NULL REFERENCES team,
    feature text NOT NULL DEFAULT '',
    models text[] NOT NULL CHECK (cardinality(models) BETWEEN 1 AND 32),
    floor text CHECK (floor = ANY (models)),
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (team, feature)
);

CREATE TABLE budget (
    budget_number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    team text REFERENCES team,
    feature text,
    "user" text,
    run text,
    model text,
    provider text,
    tag_keys text[] NOT NULL DEFAULT '{}',
    tag_values text[] NOT NULL DEFAULT '{}',
    period text NOT NULL CHECK (period IN ('day', 'week', 'month', 'quarter', 'year', 'total')),
    time_zone text NOT NULL,
    unit text NOT NULL CHECK (unit IN ('usd', 'tokens', 'calls')),
    limit_amount bigint NOT NULL CHECK (limit_amount >= 0),
    enforcement text NOT NULL CHECK (enforcement IN ('hard', 'soft', 'shadow')),
    downgrade_at_millionths bigint CHECK (downgrade_at_millionths > 0),
    alert_at_millionths bigint[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    removed_at timestamptz
);
CREATE UNIQUE INDEX budget_id ON budget (id) WHERE removed_at IS NULL;

CREATE TABLE budget_history (
    budget_number bigint NOT NULL REFERENCES budget,
    version bigint NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    changed_by text NOT NULL,
    -- The budget as the API shows it, without what it has spent.
    content text NOT NULL,
    PRIMARY KEY (budget_number, version)
);

-- Escrow ---------------------------------------------------------------------------------------------------------

-- One row a start of a server; ids are never used twice.
CREATE TABLE replica (
    replica_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state text NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'drained', 'gone')),
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    heartbeat_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    lease_seconds bigint NOT NULL CHECK (lease_seconds > 0),
    configuration_version bigint NOT NULL DEFAULT 0
);

-- On a hard budget a lease is granted only where spent + leased <= limit_amount holds afterwards.
CREATE TABLE budget_window (
    window_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    budget_number bigint NOT NULL REFERENCES budget,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz,
    limit_amount bigint NOT NULL,
    -- What calls had spent here before the budget was made; they do not name this window.
    opening_spent bigint NOT NULL DEFAULT 0,
    spent bigint NOT NULL DEFAULT 0,
    leased bigint NOT NULL DEFAULT 0 CHECK (leased >= 0),
    revision bigint NOT NULL DEFAULT 1,
    UNIQUE (budget_number, starts_at)
) WITH (fillfactor = 50);

CREATE TABLE lease (
    replica_id bigint NOT NULL REFERENCES replica,
    window_id bigint NOT NULL REFERENCES budget_window,
    -- Granted and not yet charged or given back.
    amount bigint NOT NULL CHECK (amount >= 0),
    longest_hold_seconds bigint NOT NULL DEFAULT 0,
    -- The last round of grants in it, so that one of unknown outcome can be asked after.
    round bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (replica_id, window_id)
) WITH (fillfactor = 50);
CREATE INDEX lease_of_window ON lease (window_id);

-- The one terminal row of a hold.
CREATE TABLE hold_end (
    replica_id bigint NOT NULL,
    hold_number bigint NOT NULL,
    how text NOT NULL CHECK (how IN ('settled', 'voided', 'expired')),
    ended_by bigint NOT NULL,
    ended_at timestamptz NOT NULL DEFAULT now(),
    entry_id bigint,
    PRIMARY KEY (replica_id, hold_number)
);
CREATE INDEX hold_end_age ON hold_end USING brin (ended_at);
CREATE INDEX hold_end_elsewhere ON hold_end (replica_id, ended_at) WHERE ended_by <> replica_id;

-- Money the provider may have billed and nobody explained: holds that expired and leases that were reclaimed.
CREATE TABLE unsettled (
    unsettled_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('hold', 'lease')),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    replica_id bigint NOT NULL,
    hold_number bigint,
    window_id bigint,
    team text,
    feature text,
    request_id text,
    model text,
    authorized_at timestamptz,
    -- Of a hold its estimate in nanodollars (NULL where unpriced); of a lease what was left, in the budget's unit.
    amount bigint,
    UNIQUE (replica_id, hold_number)
);

-- Ledger ---------------------------------------------------------------------------------------------------------

-- One row an accepted id, kept at least 35 days; owner is 'team:NAME' for requests, 'source:NAME' for events.
CREATE TABLE entry_key (
    owner text NOT NULL,
    id text NOT NULL,
    digest bytea NOT NULL,
    entry_id bigint NOT NULL,
    -- The answer that was given; NULL where unpriced.
    cost_nanodollars bigint,
    overrun_nanodollars bigint NOT NULL,
    model text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (owner, id)
);
CREATE INDEX entry_key_age ON entry_key USING brin (recorded_at);

-- A user can be erased here without touching the ledger.
CREATE TABLE person (
    user_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text UNIQUE
);

CREATE TABLE month (
    month date PRIMARY KEY CHECK (extract(day FROM month) = 1),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    closed_at timestamptz
);

CREATE TABLE ledger (
    -- replica_id * 2^40 + a number that replica counts up.
    entry_id bigint NOT NULL,
    booking_month date NOT NULL,
    kind text NOT NULL CHECK (kind IN ('usage', 'adjustment', 'reversal')),
    corrects_entry_id bigint,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    -- The day of occurred_at in the accounting time zone.
    day date NOT NULL,
    source text NOT NULL,
    request_id text NOT NULL,
    attempt bigint NOT NULL,
    team text NOT NULL,
    feature text,
    user_id bigint,
    run text,
    tag_keys text[] NOT NULL,
    tag_values text[] NOT NULL,
    requested_model text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    service_tier text NOT NULL,
    region text,
    status text NOT NULL,
    provider_request_id text,
    provider_cost_nanodollars bigint,
    latency_milliseconds bigint,
    quality_millionths bigint,
    -- Disjoint quantities with the price each was rated by (NULL: none).
    meters text[] NOT NULL,
    quantities bigint[] NOT NULL,
    price_ids bigint[] NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    -- By which the provider's own total differs from ours.
    residual_tokens bigint NOT NULL,
    currency text NOT NULL,
    -- NULL where unpriced.
    list_cost_nanodollars bigint,
    effective_cost_nanodollars bigint,
    -- What the same usage would have cost on the model asked for.
    requested_cost_nanodollars bigint,
    estimate_nanodollars bigint,
    hold_replica_id bigint,
    hold_number bigint,
    -- The budget windows it charges.
    window_ids bigint[] NOT NULL,
    batch_replica_id bigint NOT NULL,
    batch_number bigint NOT NULL,
    PRIMARY KEY (entry_id, booking_month),
    CHECK (cardinality(meters) = cardinality(quantities) AND cardinality(meters) = cardinality(price_ids)),
    CHECK ((kind = 'usage') = (corrects_entry_id IS NULL))
) PARTITION BY RANGE (booking_month);
CREATE INDEX ledger_day ON ledger USING brin (day) WITH (pages_per_range = 32);

-- The provider's own usage objects, with a retention of their own.
CREATE TABLE raw_usage (
    entry_id bigint NOT NULL,
    booking_month date NOT NULL,
    content text NOT NULL,
    PRIMARY KEY (entry_id, booking_month)
) PARTITION BY RANGE (booking_month);

-- One row a commit: each replica's batches are a chain of hashes over the ledger's rows.
CREATE TABLE batch (
    replica_id bigint NOT NULL,
    number bigint NOT NULL,
    entry_count bigint NOT NULL,
    first_entry_id bigint,
    last_entry_id bigint,
    -- SHA-256 over the hash before it and the binary form of each row.
    hash bytea NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (replica_id, number)
);

-- Usage that was refused because its id belongs to other content; real money may be in it.
CREATE TABLE disputed (
    disputed_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    owner text NOT NULL,
    id text NOT NULL,
    digest bytea NOT NULL,
    committed_entry_id bigint NOT NULL,
    team text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    meters text[] NOT NULL,
    quantities bigint[] NOT NULL,
    cost_nanodollars bigint,
    occurred_at timestamptz NOT NULL,
    UNIQUE (owner, id, digest)
);

-- Daily sums of the ledger, kept in the transaction that writes the entries.
CREATE TABLE rollup (
    booking_month date NOT NULL,
    day date NOT NULL,
    team text NOT NULL,
    feature text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    service_tier text NOT NULL,
    status text NOT NULL,
    tag_1 text NOT NULL,
    tag_2 text NOT NULL,
    tag_3 text NOT NULL,
    tag_4 text NOT NULL,
    entries bigint NOT NULL,
    calls bigint NOT NULL,
    unpriced_calls bigint NOT NULL,
    downgraded_calls bigint NOT NULL,
    input_tokens bigint NOT NULL,
    cache_read_tokens bigint NOT NULL,
    cache_write_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    reasoning_tokens bigint NOT NULL,
    list_cost_nanodollars bigint NOT NULL,
    effective_cost_nanodollars bigint NOT NULL,
    -- By how much downgraded calls cost less than on the model asked for.
    saved_nanodollars bigint NOT NULL,
    PRIMARY KEY (booking_month, day, team, feature, provider, model, service_tier, status, tag_1, tag_2, tag_3, tag_4)
) WITH (fillfactor = 70);

-- How calls were answered; written within a second, off the path of the answer.
CREATE TABLE verdict_count (
    day date NOT NULL,
    team text NOT NULL,
    feature text NOT NULL,
    requested_model text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('admit', 'downgrade', 'deny')),
    reason text NOT NULL,
    calls bigint NOT NULL,
    PRIMARY KEY (day, team, feature, requested_model, provider, model, verdict, reason)
) WITH (fillfactor = 70);

-- Alerts ---------------------------------------------------------------------------------------------------------

CREATE TABLE alert_channel (
    name text PRIMARY KEY,
    team text NOT NULL REFERENCES team,
    kind text NOT NULL CHECK (kind = 'webhook'),
    url text NOT NULL,
    secret text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- The outbox: a crossing is written by the transaction that causes it, once a window and threshold.
CREATE TABLE alert (
    alert_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    budget_number bigint NOT NULL REFERENCES budget,
    window_id bigint NOT NULL REFERENCES budget_window,
    threshold_millionths bigint NOT NULL,
    crossed_at timestamptz NOT NULL DEFAULT now(),
    spent bigint NOT NULL,
    limit_amount bigint NOT NULL,
    UNIQUE (window_id, threshold_millionths)
);

CREATE TABLE alert_delivery (
    alert_id bigint NOT NULL REFERENCES alert,
    channel text NOT NULL REFERENCES alert_channel ON DELETE CASCADE,
    attempts bigint NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    delivered_at timestamptz,
    given_up_at timestamptz,
    last_problem text,
    PRIMARY KEY (alert_id, channel)
);
CREATE INDEX alert_delivery_due ON alert_delivery (next_attempt_at) WHERE delivered_at IS NULL AND given_up_at IS NULL;

-- What is written stays ------------------------------------------------------------------------------------------

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON price FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON batch FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON budget_history FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The partitions of a month; called ahead of time, and by the first entry of a month that has none.
CREATE FUNCTION ensure_month(wanted date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    suffix text := to_char(wanted, 'YYYY_MM');
    following date := (wanted + interval '1 month')::date;
BEGIN
    PERFORM pg_advisory_xact_lock(7212, 0);
    INSERT INTO month (month) VALUES (wanted) ON CONFLICT DO NOTHING;
    EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF ledger FOR VALUES FROM (%L) TO (%L)',
        'ledger_' || suffix, wanted, following);
    EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF raw_usage FOR VALUES FROM (%L) TO (%L)',
        'raw_usage_' || suffix, wanted, following);
END $$;

-- The ledger as people read it.
CREATE VIEW ledger_entry AS
SELECT l.*, p.name AS "user", jsonb_object(l.tag_keys, l.tag_values) AS tags,
    round(l.effective_cost_nanodollars / 1e9, 9) AS cost_usd
FROM ledger l LEFT JOIN person p USING (user_id);
