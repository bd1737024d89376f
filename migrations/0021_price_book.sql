-- compatible
-- What a source of the price book says instead of the price that holds, because another source decided. Charges nobody.
CREATE TABLE price_dispute (
    provider text NOT NULL,
    model text NOT NULL,
    meter text NOT NULL,
    service_tier text NOT NULL,
    above_context_tokens bigint NOT NULL,
    region text NOT NULL,
    hours text NOT NULL,
    source text NOT NULL,
    femtodollars_per_unit bigint NOT NULL CHECK (femtodollars_per_unit >= 0),
    PRIMARY KEY (provider, model, meter, service_tier, above_context_tokens, region, hours, source),
    FOREIGN KEY (provider, model) REFERENCES price_model
);

-- When the provider stops to serve a model, as far as a source knows. Its last prices stay.
ALTER TABLE price_model ADD COLUMN retired_on date;

-- The releases of the price book that were loaded; the newest is in force.
CREATE TABLE price_release (
    release_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version text NOT NULL CHECK (char_length(version) BETWEEN 1 AND 64),
    released_on date NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now()
);

-- How many models a source of a release knows, and how many of them have a price.
CREATE TABLE price_release_source (
    release_id bigint NOT NULL REFERENCES price_release,
    source text NOT NULL,
    listed_models bigint NOT NULL CHECK (listed_models >= 0),
    priced_models bigint NOT NULL CHECK (priced_models BETWEEN 0 AND listed_models),
    PRIMARY KEY (release_id, source)
);
