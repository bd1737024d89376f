-- Prepaid credits: money that a provider has in advance, and what it has paid of the daily sums.

CREATE TABLE credit (
    id text PRIMARY KEY,
    provider text NOT NULL,
    -- Which calls it pays; NULL: of any model, of any team.
    model text,
    team text REFERENCES team,
    amount_nanodollars bigint NOT NULL CHECK (amount_nanodollars > 0),
    -- The first day it pays and the first it no longer does, in the accounting time zone.
    valid_from date NOT NULL,
    valid_until date CHECK (valid_until > valid_from),
    note text,
    added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    added_by text NOT NULL
);

-- A wrong one is withdrawn, as long as it has paid nothing in a closed month. Its id is not used again.
CREATE TABLE credit_withdrawal (
    credit_id text PRIMARY KEY REFERENCES credit,
    withdrawn_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    withdrawn_by text NOT NULL
);

-- What credits have paid in closed months, written when a month closes; less than 0 is given back.
CREATE TABLE credit_draw (
    credit_id text NOT NULL REFERENCES credit,
    booking_month date NOT NULL REFERENCES month,
    day date NOT NULL,
    team text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    drawn_nanodollars bigint NOT NULL CHECK (drawn_nanodollars <> 0),
    PRIMARY KEY (day, team, provider, model, booking_month, credit_id)
);
CREATE INDEX credit_draw_of_credit ON credit_draw (credit_id);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON credit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON credit_withdrawal FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON credit_draw FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What credits have paid in the booking months up to one: of closed months what was written down, of open ones what the
-- daily sums come to now. Sums of a month are paid day by day, by the credits that hold on that day, in a fixed order,
-- each as far as it goes.
CREATE FUNCTION credits_drawn(last_month date)
RETURNS TABLE (
    credit_id text, booking_month date, day date, team text, provider text, model text, drawn_nanodollars bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    -- First what ends first, then the narrower, then the older.
    credits credit[] := ARRAY(
        SELECT c FROM credit c
        WHERE NOT EXISTS (SELECT FROM credit_withdrawal w WHERE w.credit_id = c.id)
        ORDER BY c.valid_until NULLS LAST, c.model IS NULL, c.team IS NULL, c.valid_from, c.added_at, c.id COLLATE "C");
    ids text[] := ARRAY(SELECT c.id FROM unnest(credits) c);
    candidate credit;
    remaining bigint[];
    cost bigint;
    unpaid bigint;
    cost_before bigint;
    paid_before bigint;
    surplus bigint;
    share record;
BEGIN
    RETURN QUERY SELECT d.* FROM credit_draw d WHERE d.booking_month <= last_month;

    FOR place IN 1 .. cardinality(credits) LOOP
        remaining[place] := (credits[place]).amount_nanodollars - (
            SELECT COALESCE(sum(d.drawn_nanodollars), 0) FROM credit_draw d WHERE d.credit_id = ids[place]);
    END LOOP;

    -- What is given back comes first, so that the month can draw it again.
    FOR booking_month, day, team, provider, model, cost IN
        SELECT r.booking_month, r.day, r.team, r.provider, r.model, sum(r.effective_cost_nanodollars)::bigint
        FROM rollup r JOIN month m ON m.month = r.booking_month
        WHERE m.state = 'open' AND r.booking_month <= last_month
            AND r.provider IN (SELECT c.provider FROM unnest(credits) c)
            AND r.day >= (SELECT min(c.valid_from) FROM unnest(credits) c)
        GROUP BY r.booking_month, r.day, r.team, r.provider, r.model
        ORDER BY r.booking_month, sum(r.effective_cost_nanodollars) > 0, r.day,
            r.team COLLATE "C", r.provider COLLATE "C", r.model COLLATE "C"
    LOOP
        unpaid := cost;

        -- Booked late, because the months since that day were closed: together with what they have, credits pay no
        -- more of the day than it costs. What they have paid beyond that is given back, last by the one that paid first.
        IF day < booking_month THEN
            SELECT COALESCE(sum(r.effective_cost_nanodollars), 0) INTO cost_before
            FROM rollup r
            WHERE r.booking_month >= date_trunc('month', credits_drawn.day)::date
                AND r.booking_month < credits_drawn.booking_month AND r.day = credits_drawn.day
                AND r.team = credits_drawn.team AND r.provider = credits_drawn.provider
                AND r.model = credits_drawn.model;
            SELECT COALESCE(sum(d.drawn_nanodollars), 0) INTO paid_before
            FROM credit_draw d
            WHERE d.day = credits_drawn.day AND d.team = credits_drawn.team
                AND d.provider = credits_drawn.provider AND d.model = credits_drawn.model;
            unpaid := least(cost, cost_before + cost - paid_before);
            surplus := paid_before - greatest(cost_before + cost, 0);
            FOR share IN
                SELECT array_position(ids, d.credit_id) AS place, sum(d.drawn_nanodollars)::bigint AS paid
                FROM credit_draw d
                WHERE d.day = credits_drawn.day AND d.team = credits_drawn.team
                    AND d.provider = credits_drawn.provider AND d.model = credits_drawn.model
                GROUP BY d.credit_id HAVING sum(d.drawn_nanodollars) > 0 ORDER BY place DESC
            LOOP
                EXIT WHEN surplus <= 0;
                credit_id := ids[share.place];
                drawn_nanodollars := -least(surplus, share.paid);
                surplus := surplus + drawn_nanodollars;
                remaining[share.place] := remaining[share.place] - drawn_nanodollars;
                RETURN NEXT;
            END LOOP;
        END IF;

        FOR place IN 1 .. cardinality(credits) LOOP
            EXIT WHEN unpaid <= 0;
            candidate := credits[place];
            CONTINUE WHEN remaining[place] <= 0 OR candidate.provider <> provider
                OR candidate.model <> model OR candidate.team <> team
                OR candidate.valid_from > day OR candidate.valid_until <= day;
            credit_id := ids[place];
            drawn_nanodollars := least(unpaid, remaining[place]);
            unpaid := unpaid - drawn_nanodollars;
            remaining[place] := remaining[place] - drawn_nanodollars;
            RETURN NEXT;
        END LOOP;
    END LOOP;
END $$;

-- A close writes down what credits have paid in the month; no credit is added or withdrawn meanwhile.
CREATE FUNCTION keep_credits_drawn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- No batch is booking into the month any more: writers share this lock.
    PERFORM pg_advisory_xact_lock(
        7214, (extract(year FROM NEW.month) * 12 + extract(month FROM NEW.month))::int - 1);
    PERFORM pg_advisory_xact_lock(7217, 0);
    INSERT INTO credit_draw SELECT * FROM credits_drawn(NEW.month) WHERE booking_month = NEW.month;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_credits_drawn BEFORE UPDATE OF state ON month
FOR EACH ROW WHEN (OLD.state = 'open' AND NEW.state = 'closed') EXECUTE FUNCTION keep_credits_drawn();
