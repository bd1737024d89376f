-- compatible
-- What calls have used of each meter by day, at which price, and what that costs exactly: entries round their costs to
-- nanodollars, sums of meters round nothing. Maintenance adds the ledger's batches, with those from before this migration.
-- Servers of the version before add nothing, and the others later what is missing.
CREATE TABLE meter_sum (
    booking_month date NOT NULL,
    day date NOT NULL,
    team text NOT NULL,
    feature text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    service_tier text NOT NULL,
    region text NOT NULL,
    -- `estimated` is of calls that nobody settled: what they cost was held, and is of no meter.
    kind text NOT NULL CHECK (kind IN ('usage', 'estimated')),
    -- False for usage that had no price. What it has used is here, what it costs nobody knows.
    is_priced boolean NOT NULL,
    -- '' for the entries themselves: their calls, and their costs as they were rounded.
    meter text NOT NULL,
    -- The list price; 0 where there is none. The agreed price is beside it where an agreement has rates.
    price_id bigint NOT NULL,
    agreed_price_id bigint NOT NULL,
    agreement_id bigint NOT NULL,
    -- What was used, and what is charged for at the list price: more where a call used less than the least quantity.
    quantity numeric NOT NULL,
    billed_quantity numeric NOT NULL,
    list_cost_femtodollars numeric NOT NULL,
    effective_cost_femtodollars numeric NOT NULL,
    calls bigint NOT NULL,
    list_cost_nanodollars numeric NOT NULL,
    effective_cost_nanodollars numeric NOT NULL,
    PRIMARY KEY (booking_month, day, team, feature, provider, model, service_tier, region, kind, is_priced, meter,
        price_id, agreed_price_id, agreement_id)
) WITH (fillfactor = 70);

-- Up to which batch of a replica the ledger is in meter_sum.
CREATE TABLE meter_sum_fence (
    replica_id bigint PRIMARY KEY,
    batch_number bigint NOT NULL,
    entry_id bigint NOT NULL
);

-- The rates that an entry under an agreement names: the agreement's own, and list prices of what it does not replace.
CREATE VIEW rate_of_agreement AS
SELECT price_id, service_tier, femtodollars_per_unit, least_quantity FROM agreement_rate
UNION ALL
SELECT price_id, service_tier, femtodollars_per_unit, least_quantity FROM price;

-- A batch without a price of its own costs half the standard price.
CREATE FUNCTION share_of_tier(call_tier text, price_tier text) RETURNS numeric LANGUAGE sql IMMUTABLE
RETURN CASE WHEN call_tier = 'batch' AND price_tier = 'standard' THEN 0.5 ELSE 1 END;
