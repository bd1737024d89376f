import Accounting
import Postgres
import Pricing
import Wording

/// What the sources of the price book do not agree on.
enum PriceDispute {
    /// Replaces what is disputed of the models of a file that was made of all sources. What a file of another source says of
    /// a model does not take back what others say: then only what the file itself disputes is replaced.
    static func write(_ file: PriceFile, isOfAllSources: Bool, _ transaction: borrowing Transaction) throws {
        let isWhole = isOfAllSources || file.sources.count > 1
        let replaced = file.models.filter { isWhole || !$0.disputed.isEmpty }.map(\.name)
        try transaction.execute(
            "DELETE FROM price_dispute WHERE provider = \(file.provider) AND model = ANY(\(replaced))")
        let lines = file.models.flatMap { model in model.disputed.map { (model: model.name, line: $0) } }
        try transaction.execute(
            """
            INSERT INTO price_dispute (provider, model, meter, service_tier, above_context_tokens, region, hours, source,
                femtodollars_per_unit)
            SELECT \(file.provider), * FROM unnest(\(lines.map(\.model)), \(lines.map(\.line.meter)),
                \(lines.map(\.line.serviceTier)), \(lines.map(\.line.aboveContextTokens)), \(lines.map(\.line.region)),
                \(lines.map(\.line.hours)), \(lines.map { file.sourceText(of: $0.line) }),
                \(lines.map(\.line.femtodollarsPerUnit)))
            """)
    }

    static func count(_ transaction: borrowing Transaction) throws -> Int64 {
        try transaction.query("SELECT count(*) FROM price_dispute").map { try $0.decode(Int64.self, at: 0) }[0]
    }

    /// By model, what sources say instead; the source of each line is its text.
    static func lines(_ transaction: borrowing Transaction) throws -> [ModelName: [PriceFile.PriceLine]] {
        var lines: [ModelName: [PriceFile.PriceLine]] = [:]
        let rows = try transaction.query(
            """
            SELECT provider, model, meter, service_tier, above_context_tokens, region, hours, source,
                femtodollars_per_unit
            FROM price_dispute
            """)
        for row in rows {
            let (provider, model, meter, tier, above, region, hours, source, femtodollars) = try row.decode(
                (String, String, String, String, Int64, String, String, String, Int64).self)
            lines[ModelName(provider: provider, model: model), default: []].append(
                PriceFile.PriceLine(
                    meter: meter, serviceTier: tier, aboveContextTokens: above, region: region, hours: hours,
                    femtodollarsPerUnit: femtodollars, leastQuantity: nil, validFrom: PriceFile.beginning,
                    validUntil: nil, source: source))
        }
        return lines
    }

    /// The findings about models that were called in the last days, or about all.
    static func findings(
        ofAll isOfAll: Bool, team: String?, _ transaction: borrowing Transaction
    ) throws -> [PriceFinding] {
        try transaction.query(
            """
            WITH in_use AS (
                SELECT DISTINCT provider, lower(model) AS model FROM
            """ + " " + RecentCalls.sums(team: team) + """
                     AND NOT \(isOfAll)
                )
                SELECT d.provider, d.model, d.meter, d.service_tier, d.above_context_tokens, d.region, d.hours, d.source,
                    d.femtodollars_per_unit, p.femtodollars_per_unit, p.source
                FROM price_dispute d
                LEFT JOIN LATERAL (
                    SELECT femtodollars_per_unit, source FROM price p
                    WHERE p.provider = d.provider AND p.model = d.model AND p.meter = d.meter
                        AND p.service_tier = d.service_tier AND p.above_context_tokens = d.above_context_tokens
                        AND p.region = d.region AND p.hours = d.hours AND p.valid_from <= now() AND (p.valid_until IS NULL OR p.valid_until > now())
                    ORDER BY valid_from DESC, price_id DESC LIMIT 1
                ) p ON true
                WHERE \(isOfAll) OR (d.provider, lower(d.model)) IN (SELECT provider, model FROM in_use)
                ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
                """
        ).map { row in
            let (provider, model, meter, tier, above, region, hours, source, theirs, ours, decisive) = try row.decode(
                (
                    String, String, String, String, Int64, String, String, String, Int64, Int64?, String?
                ).self)
            let place =
                (above == 0 ? "" : " above \(Phrase.count(above, "token"))") + (region.isEmpty ? "" : " in \(region)")
                + (hours.isEmpty ? "" : " on \(hours)")
            let charged = ours.map { "charged at \(usd($0)) USD" } ?? "no price of its own is charged"
            let by = decisive.map { " by \($0)" } ?? ""
            return PriceFinding(
                kind: .disputed, model: model, provider: provider,
                detail: "\(meter), \(tier)\(place): \(charged)\(by), but \(usd(theirs)) USD by \(source)")
        }
    }

    private static func usd(_ femtodollars: Int64) -> String { FixedPoint.text(femtodollars, places: Price.places) }
}
