-- compatible
-- What a call that uses any of a meter is charged for at the least; NULL where a list price has no least, and where an agreed
-- rate has that of the list. Servers of the version before charge what was used: upgrade all of them before the first row with
-- one, or rate the calls since again.
ALTER TABLE price ADD COLUMN least_quantity bigint CHECK (least_quantity IS NULL OR least_quantity > 0 AND meter NOT LIKE '%\_tokens');
ALTER TABLE agreement_rate ADD COLUMN least_quantity bigint CHECK (least_quantity IS NULL OR least_quantity > 0 AND meter NOT LIKE '%\_tokens');
