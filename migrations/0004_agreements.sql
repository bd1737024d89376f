-- What the company really pays: terms agreed beside the list prices. They are never edited, only ended.
CREATE TABLE agreement (
    agreement_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    -- NULL: everybody's calls; every provider's; every model's.
    team text REFERENCES team,
    provider text,
    model text,
    -- The share of the list price that is paid, in millionths; NULL where there are rates.
    share_millionths bigint CHECK (share_millionths BETWEEN 0 AND 10000000),
    valid_from timestamptz NOT NULL,
    -- Exclusive; one that ends before it begins never applied.
    valid_until timestamptz CHECK (valid_until >= valid_from),
    note text NOT NULL DEFAULT '',
    added_by text NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    CHECK (model IS NULL OR provider IS NOT NULL)
);

-- Rates of a committed use. Their ids are of one kind with those of list prices, so that entries name either.
CREATE TABLE agreement_rate (
    price_id bigint PRIMARY KEY DEFAULT nextval('price_price_id_seq'),
    agreement_id bigint NOT NULL REFERENCES agreement,
    meter text NOT NULL,
    service_tier text NOT NULL,
    above_context_tokens bigint NOT NULL CHECK (above_context_tokens >= 0),
    femtodollars_per_unit bigint NOT NULL CHECK (femtodollars_per_unit >= 0),
    UNIQUE (agreement_id, meter, service_tier, above_context_tokens)
);

-- Under which agreement an entry's effective cost stands; entries that cost their list price have no row.
CREATE TABLE entry_agreement (
    entry_id bigint NOT NULL,
    booking_month date NOT NULL,
    -- No foreign key: agreements stay, and each batch would lock the row of theirs.
    agreement_id bigint NOT NULL,
    -- By which the entry's meters were rated; NULL where the agreement is a share of the list price.
    price_ids bigint[],
    PRIMARY KEY (entry_id, booking_month)
) PARTITION BY RANGE (booking_month);

CREATE FUNCTION refuse_change_but_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - 'valid_until' <> to_jsonb(OLD) - 'valid_until' THEN
        RAISE EXCEPTION '% may only be ended', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON agreement FOR EACH ROW EXECUTE FUNCTION refuse_change_but_end();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON agreement_rate FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON entry_agreement FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The partitions of a month; called ahead of time, and by the first entry of a month that has none.
CREATE OR REPLACE FUNCTION ensure_month(wanted date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    suffix text := to_char(wanted, 'YYYY_MM');
    following date := (wanted + interval '1 month')::date;
    parent text;
BEGIN
    PERFORM pg_advisory_xact_lock(7212, 0);
    INSERT INTO month (month) VALUES (wanted) ON CONFLICT DO NOTHING;
    FOREACH parent IN ARRAY ARRAY['ledger', 'raw_usage', 'entry_agreement'] LOOP
        EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
            parent || '_' || suffix, parent, wanted, following);
    END LOOP;
END $$;

SELECT ensure_month(month) FROM month;

-- The ledger as people read it.
CREATE OR REPLACE VIEW ledger_entry AS
SELECT l.*, p.name AS "user", jsonb_object(l.tag_keys, l.tag_values) AS tags,
    round(l.effective_cost_nanodollars / 1e9, 9) AS cost_usd,
    round(l.list_cost_nanodollars / 1e9, 9) AS list_cost_usd, g.name AS agreement
FROM ledger l LEFT JOIN person p USING (user_id)
LEFT JOIN entry_agreement e ON e.entry_id = l.entry_id AND e.booking_month = l.booking_month
LEFT JOIN agreement g USING (agreement_id);
