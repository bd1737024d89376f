-- compatible
-- What credits have paid of quiet days is kept, so that nobody works it out from the beginning. credits_drawn stays, for
-- servers of the version before and for the close of a month; credits_paid below comes to the same.
--
-- Daily sums are paid in the order of their booking month and day. What came late for closed months is paid first in its
-- booking month, all at once: its pay day is the day before the booking month. So whatever changes a sum changes what is
-- paid from its pay day on, and nothing before.

CREATE TABLE credit_day (
    booking_month date NOT NULL,
    pay_day date NOT NULL,
    team text NOT NULL,
    credit_id text NOT NULL REFERENCES credit,
    drawn_nanodollars bigint NOT NULL,
    PRIMARY KEY (booking_month, pay_day, team, credit_id)
);

-- Up to which pay day the table above is filled; later rows in it are left over and mean nothing.
CREATE TABLE credit_day_mark (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    booking_month date NOT NULL,
    pay_day date NOT NULL
);
INSERT INTO credit_day_mark (booking_month, pay_day) VALUES ('-infinity', '-infinity');

-- From which pay day on something has changed, written by triggers in the transaction that changes it: servers of the
-- version before do not know of this. Rows are only added, and deleted by who has taken them into account, so that no
-- transaction waits for another.
CREATE TABLE credit_day_change (
    booking_month date NOT NULL,
    pay_day date NOT NULL
);
CREATE INDEX credit_day_change_order ON credit_day_change (booking_month, pay_day);

-- The last pay day of which what is kept still holds.
CREATE VIEW credit_day_valid AS
SELECT booking_month, pay_day FROM (
    SELECT booking_month, pay_day FROM credit_day_mark
    UNION ALL
    (SELECT booking_month, CASE WHEN pay_day < booking_month THEN '-infinity' ELSE pay_day - 1 END
    FROM credit_day_change ORDER BY booking_month, pay_day LIMIT 1)
) m ORDER BY booking_month, pay_day LIMIT 1;

CREATE FUNCTION note_credit_day_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO credit_day_change VALUES (NEW.booking_month, greatest(NEW.day, NEW.booking_month - 1));
    RETURN NULL;
END $$;

-- Days are kept when they are five days old (CreditDays), so the sums of these days need no note. Nearly all changes are
-- theirs.
CREATE TRIGGER note_credit_day_insert AFTER INSERT ON rollup FOR EACH ROW
WHEN (NEW.effective_cost_nanodollars <> 0 AND (NEW.day < CURRENT_DATE - 2 OR NEW.day < NEW.booking_month))
EXECUTE FUNCTION note_credit_day_change();
CREATE TRIGGER note_credit_day_update AFTER UPDATE ON rollup FOR EACH ROW
WHEN (NEW.effective_cost_nanodollars <> OLD.effective_cost_nanodollars
    AND (NEW.day < CURRENT_DATE - 2 OR NEW.day < NEW.booking_month))
EXECUTE FUNCTION note_credit_day_change();

-- A credit may pay from its first day on; one that is withdrawn may have paid anything that is open.
CREATE FUNCTION note_credit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'credit' THEN
        INSERT INTO credit_day_change VALUES (date_trunc('month', NEW.valid_from)::date, NEW.valid_from);
    ELSE
        INSERT INTO credit_day_change VALUES ('-infinity', '-infinity');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note_credit_change AFTER INSERT ON credit FOR EACH ROW EXECUTE FUNCTION note_credit_change();
CREATE TRIGGER note_credit_change AFTER INSERT ON credit_withdrawal FOR EACH ROW EXECUTE FUNCTION note_credit_change();

-- What a closed month's credits have paid is in credit_draw; the months after it are worked out anew.
CREATE FUNCTION note_month_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO credit_day_change VALUES (NEW.month, NEW.month - 1);
    RETURN NULL;
END $$;
CREATE TRIGGER note_month_change AFTER UPDATE OF state ON month FOR EACH ROW EXECUTE FUNCTION note_month_change();

-- Credits in the order in which they pay: first what ends first, then the narrower, then the older.
CREATE VIEW credit_in_order AS
SELECT c.*, row_number() OVER (
    ORDER BY c.valid_until NULLS LAST, c.model IS NULL, c.team IS NULL, c.valid_from, c.added_at, c.id COLLATE "C") AS place
FROM credit c WHERE NOT EXISTS (SELECT FROM credit_withdrawal w WHERE w.credit_id = c.id);

-- What credits pay of the sums of open months after one pay day and up to another, where what they have paid until then is
-- in credit_draw (closed months) and in credit_day.
CREATE FUNCTION credits_pay(after_month date, after_day date, last_month date, last_day date)
RETURNS TABLE (
    credit_id text, booking_month date, day date, team text, provider text, model text, drawn_nanodollars bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    -- Of each credit, at its place.
    ids text[];
    remaining bigint[];
    first_days date[];
    end_days date[];
    first_day date;
    cost bigint;
    places bigint[];
    place bigint;
    share record;
    unpaid bigint;
    cost_before bigint;
    paid_before bigint;
    surplus bigint;
BEGIN
    SELECT array_agg(c.id ORDER BY c.place), array_agg(c.valid_from ORDER BY c.place),
        array_agg(COALESCE(c.valid_until, 'infinity') ORDER BY c.place), min(c.valid_from),
        array_agg(c.amount_nanodollars - COALESCE(d.drawn, 0) - COALESCE(k.drawn, 0) ORDER BY c.place)
    INTO ids, first_days, end_days, first_day, remaining
    FROM credit_in_order c
    LEFT JOIN (
        SELECT credit_id, sum(drawn_nanodollars)::bigint AS drawn FROM credit_draw GROUP BY 1) d ON d.credit_id = c.id
    LEFT JOIN (
        SELECT credit_id, sum(drawn_nanodollars)::bigint AS drawn
        FROM credit_day k JOIN month m ON m.month = k.booking_month AND m.state = 'open'
        WHERE (k.booking_month, k.pay_day) <= (after_month, after_day) GROUP BY 1) k ON k.credit_id = c.id;
    IF ids IS NULL THEN RETURN; END IF;

    -- What is given back comes first, so that the month can draw it again.
    FOR booking_month, day, team, provider, model, cost, places IN
        WITH credits AS MATERIALIZED (TABLE credit_in_order), costs AS MATERIALIZED (
            SELECT r.booking_month, r.day, r.team, r.provider, r.model, sum(r.effective_cost_nanodollars)::bigint AS cost
            FROM rollup r
            WHERE r.booking_month IN (SELECT m.month FROM month m WHERE m.state = 'open')
                AND (r.booking_month, r.day) > (after_month, after_day)
                AND (r.booking_month, r.day) <= (last_month, last_day)
                AND r.booking_month >= date_trunc('month', first_day)::date AND r.day >= first_day
                AND r.provider IN (SELECT c.provider FROM credits c)
            GROUP BY 1, 2, 3, 4, 5
        ), payers AS (
            SELECT s.team, s.provider, s.model, array_agg(c.place ORDER BY c.place) AS places
            FROM (SELECT DISTINCT s.team, s.provider, s.model FROM costs s) s JOIN credits c ON c.provider = s.provider
                AND (c.model IS NULL OR c.model = s.model) AND (c.team IS NULL OR c.team = s.team)
            GROUP BY 1, 2, 3
        )
        SELECT s.booking_month, s.day, s.team, s.provider, s.model, s.cost, p.places
        FROM costs s LEFT JOIN payers p USING (team, provider, model)
        ORDER BY s.booking_month, s.cost > 0, s.day, s.team COLLATE "C", s.provider COLLATE "C", s.model COLLATE "C"
    LOOP
        unpaid := cost;

        -- Booked late, because the months since that day were closed: together with what they have, credits pay no
        -- more of the day than it costs. What they have paid beyond that is given back, last by the one that paid first.
        IF day < booking_month THEN
            SELECT COALESCE(sum(r.effective_cost_nanodollars), 0) INTO cost_before
            FROM rollup r
            WHERE r.booking_month >= date_trunc('month', credits_pay.day)::date
                AND r.booking_month < credits_pay.booking_month AND r.day = credits_pay.day
                AND r.team = credits_pay.team AND r.provider = credits_pay.provider AND r.model = credits_pay.model;
            SELECT COALESCE(sum(d.drawn_nanodollars), 0) INTO paid_before
            FROM credit_draw d
            WHERE d.day = credits_pay.day AND d.team = credits_pay.team
                AND d.provider = credits_pay.provider AND d.model = credits_pay.model;
            unpaid := least(cost, cost_before + cost - paid_before);
            surplus := paid_before - greatest(cost_before + cost, 0);
            FOR share IN
                SELECT array_position(ids, d.credit_id) AS place, sum(d.drawn_nanodollars)::bigint AS paid
                FROM credit_draw d
                WHERE d.day = credits_pay.day AND d.team = credits_pay.team
                    AND d.provider = credits_pay.provider AND d.model = credits_pay.model
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

        CONTINUE WHEN unpaid <= 0 OR places IS NULL;
        FOREACH place IN ARRAY places LOOP
            CONTINUE WHEN remaining[place] <= 0 OR first_days[place] > day OR end_days[place] <= day;
            credit_id := ids[place];
            drawn_nanodollars := least(unpaid, remaining[place]);
            unpaid := unpaid - drawn_nanodollars;
            remaining[place] := remaining[place] - drawn_nanodollars;
            RETURN NEXT;
            EXIT WHEN unpaid <= 0;
        END LOOP;
    END LOOP;
END $$;

-- What credits have paid in the booking months up to one, by team.
CREATE FUNCTION credits_paid(last_month date)
RETURNS TABLE (credit_id text, booking_month date, team text, drawn_nanodollars bigint)
LANGUAGE sql STABLE AS $$
    WITH valid AS MATERIALIZED (TABLE credit_day_valid)
    SELECT d.credit_id, d.booking_month, d.team, d.drawn_nanodollars FROM credit_draw d WHERE d.booking_month <= last_month
    UNION ALL
    SELECT k.credit_id, k.booking_month, k.team, k.drawn_nanodollars
    FROM valid v, credit_day k JOIN month m ON m.month = k.booking_month AND m.state = 'open'
    WHERE k.booking_month <= last_month AND (k.booking_month, k.pay_day) <= (v.booking_month, v.pay_day)
    UNION ALL
    SELECT p.credit_id, p.booking_month, p.team, p.drawn_nanodollars
    FROM valid v, credits_pay(v.booking_month, v.pay_day, last_month, 'infinity') p
$$;

-- Up to where the ledger was last verified. A verification that found everything right stores it; the next one may begin
-- there, and one from the beginning compares.
CREATE TABLE verified_chain (
    replica_id bigint PRIMARY KEY,
    -- The last batch that was verified, its hash, and the last entry up to there.
    batch_number bigint NOT NULL,
    entry_id bigint NOT NULL,
    hash bytea NOT NULL
);

-- What the entries up to there charge to each window, whatever the unit of its budget.
CREATE TABLE verified_window (
    window_id bigint PRIMARY KEY,
    cost_nanodollars bigint NOT NULL,
    tokens bigint NOT NULL,
    calls bigint NOT NULL
);

CREATE TABLE verified (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    -- Counts the verifications, so that two at once do not mix.
    number bigint NOT NULL,
    verified_at timestamptz NOT NULL,
    -- When the last verification from the beginning was.
    whole_at timestamptz NOT NULL
);
