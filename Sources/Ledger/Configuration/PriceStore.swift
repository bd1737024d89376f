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
            """
            SELECT price_id, provider, model, meter, service_tier, above_context_tokens, femtodollars_per_unit,
                valid_from, valid_until
            FROM price ORDER BY provider, model, price_id
            """)
        {
            let price = try price(row)
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

    private static func price(_ row: Row) throws -> Price {
        let (id, provider, model, meter, tier, above, femtodollars, from, until) = try row.decode(
            (Int64, String, String, String, String, Int64, Int64, Timestamp, Timestamp?).self)
        return Price(
            id: id, model: ModelName(provider: provider, model: model), meter: Meter(meter),
            tier: ServiceTier(rawValue: tier) ?? .standard, aboveContextTokens: above,
            femtodollarsPerUnit: femtodollars, validFrom: from, validUntil: until)
    }

    /// A price with where it came from.
    package struct Listed: Sendable {
        package let price: Price
        package let source: String
    }

    package static func list(model: String?, provider: String?, _ connection: Connection) throws -> [Listed] {
        try connection.query(
            """
            SELECT price_id, provider, model, meter, service_tier, above_context_tokens, femtodollars_per_unit,
                valid_from, valid_until, source
            FROM price
            WHERE (\(model)::text IS NULL OR model = \(model)) AND (\(provider)::text IS NULL OR provider = \(provider))
            ORDER BY provider, model, service_tier, above_context_tokens, meter, valid_from, price_id
            """
        ).map { row in
            let (id, provider, model, meter, tier, above, femtodollars, from, until, source) = try row.decode(
                (Int64, String, String, String, String, Int64, Int64, Timestamp, Timestamp?, String).self)
            return Listed(
                price: Price(
                    id: id, model: ModelName(provider: provider, model: model), meter: Meter(meter),
                    tier: ServiceTier(rawValue: tier) ?? .standard, aboveContextTokens: above,
                    femtodollarsPerUnit: femtodollars, validFrom: from, validUntil: until),
                source: source)
        }
    }
}
