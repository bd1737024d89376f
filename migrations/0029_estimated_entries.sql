-- compatible
-- Entries in place of the usage of calls that nobody settled (kind `estimated`), and what takes entries back (`reversal`).
--
-- A server of the version before knows neither. It refuses usage that is reported late for an estimated entry, and keeps it as
-- disputed: let budgets and teams say more than `record` once all servers are of this version.
--
-- Locks: ACCESS EXCLUSIVE on ledger, entry_key, unsettled and team for a moment.

ALTER TABLE ledger DROP CONSTRAINT ledger_kind_check;
ALTER TABLE ledger DROP CONSTRAINT ledger_check1;
ALTER TABLE ledger ADD CONSTRAINT ledger_kind
    CHECK (kind IN ('usage', 'estimated', 'adjustment', 'reversal')
        AND (kind IN ('usage', 'estimated')) = (corrects_entry_id IS NULL)) NOT VALID;

-- Whether the id's entry is an estimated one: usage that is reported under the id takes its place.
ALTER TABLE entry_key ADD COLUMN is_estimated boolean NOT NULL DEFAULT false;

-- The entry that the hold became when it expired, and what that charges.
ALTER TABLE unsettled ADD COLUMN estimated_entry_id bigint;
ALTER TABLE unsettled ADD COLUMN estimated_nanodollars bigint;

-- What becomes of holds that expire unsettled, where none of their budgets says more than `record`. NULL: a record.
ALTER TABLE team ADD COLUMN unsettled text CHECK (unsettled IN ('record', 'input', 'estimate'));
-- step for each partition of ledger
ALTER TABLE {partition} VALIDATE CONSTRAINT ledger_kind
-- step
ALTER TABLE ledger VALIDATE CONSTRAINT ledger_kind
