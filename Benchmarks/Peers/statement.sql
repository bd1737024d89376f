-- The same in one round trip.
WITH taken AS (
    UPDATE budget SET spent = spent + 366000 WHERE budget_id = 1 AND spent + 366000 <= limit_amount RETURNING budget_id
)
INSERT INTO entry (budget_id, amount) SELECT budget_id, 366000 FROM taken;
