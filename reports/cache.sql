-- title: What caching of prompts saved, and what it could
-- parameter month: The month; this month unless given | month
-- parameter from: The first day, in place of a month | day
-- parameter to: The day after the last | day
-- parameter team: This team alone | team
-- column team: Team
-- column provider: Provider
-- column model: Model
-- column input_tokens: Input tokens | count | total
-- column cache_read_tokens: Read from cache | count | total
-- column cache_write_tokens: Written to cache | count | total
-- column share_percent: Read from cache % | text | total round(sum(cache_read_tokens) * 100 / NULLIF(sum(input_tokens), 0), 2)::text
-- column saved_usd: Saved, at list price | usd | total
-- column best_share_percent: Best share of a team %
-- column could_save_usd: Could save more | usd | total
-- At the list price of the day for the standard tier below any threshold of context. What was saved is what tokens read from a
-- cache would have cost as plain input, less what writing to it cost on top. More could be saved by a team that reads as
-- large a share of its prompts from a cache as the team that does best on the model.
WITH used AS (
    SELECT team, provider, model, day, sum(input_tokens) AS input, sum(cache_read_tokens) AS read,
        sum(cache_write_tokens) AS written
    FROM daily_cost WHERE :in_range GROUP BY team, provider, model, day HAVING sum(input_tokens) <> 0
), sold AS (
    SELECT DISTINCT u.provider, u.model, u.day, COALESCE(m.alias_of, u.model) AS priced_as
    FROM used u LEFT JOIN price_model m ON m.provider = u.provider AND m.model = u.model
), rate AS (
    SELECT s.provider, s.model, s.day,
        max(femtodollars) FILTER (WHERE meter = 'input_tokens')::numeric AS input,
        max(femtodollars) FILTER (WHERE meter = 'cache_read_tokens')::numeric AS read,
        max(femtodollars) FILTER (WHERE meter = 'cache_write_tokens')::numeric AS written
    FROM sold s CROSS JOIN LATERAL (
        SELECT DISTINCT ON (meter) meter, femtodollars_per_unit AS femtodollars FROM price p
        WHERE p.provider = s.provider AND p.model = s.priced_as AND p.service_tier = 'standard'
            AND p.above_context_tokens = 0 AND p.valid_from < s.day + 1
            AND (p.valid_until IS NULL OR p.valid_until > s.day)
            AND meter IN ('input_tokens', 'cache_read_tokens', 'cache_write_tokens')
        ORDER BY meter, valid_from DESC, price_id DESC) p
    GROUP BY s.provider, s.model, s.day
), team_model AS (
    SELECT team, provider, model, sum(u.input) AS input, sum(u.read) AS read, sum(u.written) AS written,
        -- A meter without a rate of its own has that of plain input.
        sum(u.read * (r.input - COALESCE(r.read, r.input)) - u.written * (COALESCE(r.written, r.input) - r.input)) AS saved,
        -- What a token saves that is read from a cache.
        sum(u.input * (r.input - COALESCE(r.read, r.input))) / NULLIF(sum(u.input), 0) AS saving
    FROM used u LEFT JOIN rate r USING (provider, model, day) GROUP BY team, provider, model
), best AS (
    SELECT *, max(read / NULLIF(input, 0)) OVER (PARTITION BY provider, model) AS share FROM team_model
)
SELECT team, provider, model, input AS input_tokens, read AS cache_read_tokens, written AS cache_write_tokens,
    round(read * 100 / NULLIF(input, 0), 2)::text AS share_percent,
    round(saved / 1000000) AS saved_usd,
    round(share * 100, 2)::text AS best_share_percent,
    round((share * input - read) * saving / 1000000) AS could_save_usd
FROM best
WHERE :team::text IS NULL OR team = :team
ORDER BY team, provider, model
