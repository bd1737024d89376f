-- compatible
-- What calls have held and spent, as histograms by day, so that no report of it reads the ledger. Maintenance adds the ledger's
-- batches, with those from before this migration. Servers of the version before add nothing, and the others later what is
-- missing.
CREATE TABLE estimate_sum (
    booking_month date NOT NULL,
    day date NOT NULL,
    team text NOT NULL,
    feature text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    -- Each call counts once for each measure.
    measure text NOT NULL CHECK (measure IN ('held', 'spent', 'used')),
    -- Of an amount its bucket_of_amount, of the used share its bucket_of_share.
    bucket integer NOT NULL,
    calls bigint NOT NULL,
    held_nanodollars numeric NOT NULL,
    spent_nanodollars numeric NOT NULL,
    PRIMARY KEY (booking_month, day, team, feature, provider, model, measure, bucket)
) WITH (fillfactor = 70);

-- Up to which batch of a replica the ledger is in estimate_sum.
CREATE TABLE estimate_sum_fence (
    replica_id bigint PRIMARY KEY,
    batch_number bigint NOT NULL,
    entry_id bigint NOT NULL
);

-- Eight buckets for each doubling of nanodollars, from 0; -1 for nothing.
CREATE FUNCTION bucket_of_amount(nanodollars bigint) RETURNS integer LANGUAGE sql IMMUTABLE
RETURN CASE WHEN nanodollars > 0 THEN floor(8 * ln(nanodollars::float8) / ln(2::float8))::integer ELSE -1 END;

-- The middle of a bucket, at most 5 % from all amounts in it.
CREATE FUNCTION amount_of_bucket(bucket integer) RETURNS numeric LANGUAGE sql IMMUTABLE
RETURN CASE WHEN bucket < 0 THEN 0 ELSE round((2 ^ ((bucket + 0.5) / 8)::float8)::numeric) END;

-- The percent of a hold that its call has used, rounded up, so that more than 100 is more than the hold. 1000 is that or more.
CREATE FUNCTION bucket_of_share(spent bigint, held bigint) RETURNS integer LANGUAGE sql IMMUTABLE
RETURN CASE WHEN held > 0 THEN LEAST(div(spent::numeric * 100 + held - 1, held), 1000)::integer
    WHEN spent > 0 THEN 1000 ELSE 0 END;
