-- As services write it: take the row, write the entry, commit. Everybody else waits meanwhile.
BEGIN;
UPDATE budget SET spent = spent + 366000 WHERE budget_id = 1 AND spent + 366000 <= limit_amount;
INSERT INTO entry (budget_id, amount) VALUES (1, 366000);
COMMIT;
