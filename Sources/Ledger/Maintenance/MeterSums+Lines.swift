import Postgres

extension MeterSums {
    /// What some entries change, by the keys of the sums.
    ///
    /// - Parameter source: what follows `FROM` and names the entries `l`.
    static func summed(from source: SQL) -> SQL {
        let sums = SQL(unescaped: sumColumns.map { "sum(\($0)) AS \($0)" }.joined(separator: ", "))
        let places = SQL(unescaped: (1...keyColumns.count).map(String.init).joined(separator: ", "))
        return """
            WITH added AS MATERIALIZED (SELECT l AS entry FROM \(sql: source)), \(sql: said), \(sql: rated)
            SELECT \(sql: keys), \(sql: sums)
            FROM (\(sql: entries) UNION ALL \(sql: lines)) c GROUP BY \(sql: places)
            """
    }

    /// What entries say of a call's rating, as a sum takes it (`sign` 1), and what they take out (-1): of a correction what
    /// the one before it says or, where it is the first, the call's own entry.
    private static let said: SQL = """
        said AS (
            SELECT 1 AS sign, (a.entry).booking_month, (a.entry).list_cost_nanodollars AS own_list,
                (a.entry).effective_cost_nanodollars AS own_cost, a.entry
            FROM added a WHERE (a.entry).kind <> 'reversal'
            UNION ALL
            SELECT -1, (a.entry).booking_month,
                CASE WHEN (a.entry).kind = 'reversal' THEN (a.entry).list_cost_nanodollars END,
                CASE WHEN (a.entry).kind = 'reversal' THEN (a.entry).effective_cost_nanodollars END, p.entry
            FROM added a CROSS JOIN LATERAL (
                SELECT b.entry FROM (
                    SELECT 0 AS turn, l AS entry FROM ledger l WHERE l.entry_id = (a.entry).corrects_entry_id
                    UNION ALL
                    SELECT l.attempt, l FROM ledger l WHERE l.corrects_entry_id = (a.entry).corrects_entry_id
                        AND l.kind = 'adjustment' AND l.attempt < (a.entry).attempt) b
                ORDER BY b.turn DESC LIMIT 1) p
            WHERE (a.entry).corrects_entry_id IS NOT NULL
        )
        """

    /// The same with the keys that all lines of a rating have. A correction always has a price.
    private static let rated: SQL = """
        rated AS (
            SELECT s.sign, s.booking_month, (s.entry).day, (s.entry).team, COALESCE((s.entry).feature, '') AS feature,
                (s.entry).provider, (s.entry).model, (s.entry).service_tier, COALESCE((s.entry).region, '') AS region,
                CASE (s.entry).kind WHEN 'estimated' THEN 'estimated' ELSE 'usage' END AS kind,
                (s.entry).effective_cost_nanodollars IS NOT NULL AS is_priced,
                (s.entry).list_cost_nanodollars IS NOT NULL AS has_list_cost,
                COALESCE(g.agreement_id, 0) AS agreement_id, g.price_ids AS agreed_price_ids, t.share_millionths,
                (s.entry).meters, (s.entry).quantities, (s.entry).price_ids, s.own_list, s.own_cost
            FROM said s
            LEFT JOIN entry_agreement g
                ON g.entry_id = (s.entry).entry_id AND g.booking_month = (s.entry).booking_month
            LEFT JOIN agreement t ON t.agreement_id = g.agreement_id
        )
        """

    private static let entries: SQL = """
        SELECT r.booking_month, r.day, r.team, r.feature, r.provider, r.model, r.service_tier, r.region, r.kind,
            r.is_priced, '' AS meter, 0::bigint AS price_id, 0::bigint AS agreed_price_id, r.agreement_id,
            0::numeric AS quantity, 0::numeric AS billed_quantity, 0::numeric AS list_cost_femtodollars,
            0::numeric AS effective_cost_femtodollars, r.sign AS calls,
            COALESCE(r.own_list, 0)::numeric AS list_cost_nanodollars,
            COALESCE(r.own_cost, 0)::numeric AS effective_cost_nanodollars
        FROM rated r
        """

    /// Costs as `RateCard` rates them, but for the rounding: a standard price is halved for a batch, and the least quantity
    /// is billed with the first line of its meter.
    private static let lines: SQL = """
        SELECT r.booking_month, r.day, r.team, r.feature, r.provider, r.model, r.service_tier, r.region, r.kind,
            r.is_priced, u.meter, COALESCE(i.price_id, 0), COALESCE(i.agreed_price_id, 0), r.agreement_id,
            r.sign * u.quantity::numeric, r.sign * b.billed, r.sign * COALESCE(c.list_cost, 0),
            r.sign * COALESCE(CASE WHEN i.agreed_price_id IS NOT NULL THEN c.agreed_cost
                ELSE c.list_cost * (COALESCE(r.share_millionths, 1000000) * 0.000001) END, 0),
            0, 0, 0
        FROM rated r
        CROSS JOIN LATERAL unnest(r.meters, r.quantities, r.price_ids, r.agreed_price_ids) WITH ORDINALITY
            AS u(meter, quantity, price_id, agreed_price_id, place)
        CROSS JOIN LATERAL (SELECT CASE WHEN r.is_priced AND r.has_list_cost THEN u.price_id END AS price_id,
            CASE WHEN r.is_priced THEN u.agreed_price_id END AS agreed_price_id) i
        LEFT JOIN price p ON p.price_id = i.price_id
        LEFT JOIN rate_of_agreement a ON a.price_id = i.agreed_price_id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN COALESCE(p.least_quantity, a.least_quantity) IS NOT NULL
                    AND array_position(r.meters, u.meter) = u.place
                THEN (SELECT sum(m.quantity) FROM unnest(r.meters, r.quantities) AS m(meter, quantity)
                    WHERE m.meter = u.meter) END AS used) m
        CROSS JOIN LATERAL (
            SELECT u.quantity::numeric + COALESCE(GREATEST(p.least_quantity - m.used, 0), 0) AS listed,
                u.quantity::numeric + COALESCE(GREATEST(COALESCE(a.least_quantity, p.least_quantity) - m.used, 0), 0)
                    AS agreed) q
        CROSS JOIN LATERAL (
            SELECT CASE WHEN i.price_id IS NULL AND i.agreed_price_id IS NOT NULL THEN q.agreed ELSE q.listed END AS billed) b
        CROSS JOIN LATERAL (
            SELECT q.listed * p.femtodollars_per_unit * share_of_tier(r.service_tier, p.service_tier) AS list_cost,
                q.agreed * a.femtodollars_per_unit * share_of_tier(r.service_tier, a.service_tier) AS agreed_cost) c
        """
}
