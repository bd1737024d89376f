-- Prices of a region, and of hours of the week.

ALTER TABLE price
    -- Where the call is processed; '' applies everywhere, after the row of a call's region.
    ADD COLUMN region text NOT NULL DEFAULT '',
    -- When in the week, in UTC ('mon-fri 00:00-01:00, sat-sun 00:00-24:00'); '' applies always, after a row with hours.
    ADD COLUMN hours text NOT NULL DEFAULT '';

-- Calls are rated again: each correction names its entry, and calls without a price are found when one arrives.
CREATE INDEX ledger_correction ON ledger (corrects_entry_id) WHERE corrects_entry_id IS NOT NULL;
CREATE INDEX ledger_unpriced ON ledger (entry_id) WHERE effective_cost_nanodollars IS NULL AND kind = 'usage';

-- What a hard budget says to a call whose cost nobody knows.
ALTER TABLE budget ADD COLUMN unpriced text NOT NULL DEFAULT 'deny' CHECK (unpriced IN ('deny', 'admit'));
