import Accounting
import Postgres

/// The price book as it is stored: rows are added, never edited.
package enum PriceStore {
    static func book(_ transaction: borrowing Transaction) throws -> PriceBook {
        let makers = try transaction.query("SELECT provider FROM price_provider WHERE is_maker").map {
            try $0.decode(String.self, at: 0)
        }
        var rows: [ModelName: [Price]] = [:]
        for row in try transaction.query(
            "SELECT \(unescaped: columns) FROM price ORDER BY provider, model, price_id")
        {
            let price = try listed(row).price
            rows[price.model, default: []].append(price)
        }
        var models: [ModelPrices] = []
        var aliases: [ModelName: ModelName] = [:]
        for row in try transaction.query("SELECT provider, model, max_output_tokens, alias_of FROM price_model") {
            let (provider, model, maximum, aliasOf) = try row.decode((String, String, Int64?, String?).self)
            let name = ModelName(provider: provider, model: model)
            if let aliasOf {
                aliases[name] = ModelName(provider: provider, model: aliasOf)
            } else {
                models.append(ModelPrices(name: name, maximumOutputTokens: maximum, prices: rows[name] ?? []))
            }
        }
        return PriceBook(models: models, aliases: aliases, makers: Set(makers))
    }

    /// A price with where it came from.
    package struct Listed: Sendable {
        package let price: Price
        package let source: String
    }

    package static func list(model: String?, provider: String?, _ connection: Connection) throws -> [Listed] {
        try connection.query(
            """
            SELECT \(unescaped: columns) FROM price
            WHERE (\(model)::text IS NULL OR model = \(model)) AND (\(provider)::text IS NULL OR provider = \(provider))
            ORDER BY provider, model, region, hours, service_tier, above_context_tokens, meter, valid_from, price_id
            """
        ).map(listed)
    }

    private static let columns = """
        price_id, provider, model, meter, service_tier, above_context_tokens, region, hours, femtodollars_per_unit,
        valid_from, valid_until, source
        """

    private static func listed(_ row: Row) throws -> Listed {
        let (id, provider, model, meter, tier, above, region, hours, femtodollars, from, until, source) =
            try row.decode(
                (
                    Int64, String, String, String, String, Int64, String, String, Int64, Timestamp, Timestamp?, String
                ).self)
        return Listed(
            price: Price(
                id: id, model: ModelName(provider: provider, model: model), meter: Meter(meter),
                tier: ServiceTier(rawValue: tier) ?? .standard, aboveContextTokens: above,
                region: region.isEmpty ? nil : region, hours: WeeklyHours(text: hours),
                femtodollarsPerUnit: femtodollars, validFrom: from, validUntil: until),
            source: source)
    }
}
