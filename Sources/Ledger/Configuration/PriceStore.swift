import Accounting
import Postgres

/// The stored price book. Rows are added, never edited.
package enum PriceStore {
    /// All rows by model, in the order in which they were added.
    static func rows(_ transaction: borrowing Transaction) throws -> [ModelName: [Price]] {
        Dictionary(grouping: try prices(query(transaction)), by: \.model)
    }

    static func query(_ transaction: borrowing Transaction) throws -> Rows {
        try transaction.query("SELECT \(unescaped: columns) FROM price ORDER BY price_id")
    }

    static func prices(_ rows: Rows) throws -> [Price] { try rows.compactMap { try read($0)?.price } }

    /// All rows with their sources, in the order in which they were added.
    static func listed(_ transaction: borrowing Transaction) throws -> [(price: Price, source: String)] {
        try query(transaction).compactMap(read)
    }

    /// A price with its source.
    package struct Listed: Sendable {
        package let price: Price
        package let source: String
        /// The row that supersedes this one; nil if this row counts.
        package let supersededBy: Int64?
    }

    /// All rows of some models, however they are spelled, including superseded rows, because entries name those too.
    package static func list(model: String?, provider: String?, _ connection: Connection) throws -> [Listed] {
        let rows = try connection.query(
            """
            SELECT \(unescaped: columns) FROM price
            WHERE \(model)::text IS NULL OR lower(model) = lower(\(model))
            ORDER BY provider, model, region, hours, service_tier, above_context_tokens, meter, valid_from, price_id
            """
        ).compactMap(read).filter { row in
            provider.map { ProviderName.canonical(row.price.model.provider) == ProviderName.canonical($0) } ?? true
        }
        let spellings = ModelSpellings(rows.map(\.price.model))
        let supersessions = PriceSupersession.all(of: rows.map { $0.price.named(spellings[$0.price.model]) })
        let counting = Set(supersessions.values.flatMap(\.prices).map(\.id))
        return rows.map { price, source in
            let newer =
                counting.contains(price.id)
                ? nil
                : supersessions[price.named(spellings[price.model]).place]!.prices
                    .first { $0.validFrom == price.validFrom }
            return Listed(price: price, source: source, supersededBy: newer?.id)
        }
    }

    /// When the provider stops to serve a model, as far as a source of the book knows.
    package static func retirement(of name: ModelName, _ connection: Connection) throws -> CalendarDay? {
        try connection.query(
            """
            SELECT provider, retired_on FROM price_model
            WHERE lower(model) = lower(\(name.model)) AND alias_of IS NULL AND retired_on IS NOT NULL
            """
        ).map { try $0.decode((String, CalendarDay).self) }
            .filter { ProviderName.canonical($0.0) == ProviderName.canonical(name.provider) }.map(\.1).max()
    }

    private static let columns = """
        price_id, provider, model, meter, service_tier, above_context_tokens, region, hours, femtodollars_per_unit,
        least_quantity, valid_from, valid_until, source
        """

    /// Nil if only a later version knows the tier: the price must not count for another tier.
    private static func read(_ row: Row) throws -> (price: Price, source: String)? {
        let (id, provider, model, meter, tier, above, region, hours, femtodollars, least, from, until, source) =
            try row.decode(
                (
                    Int64, String, String, String, String, Int64, String, String, Int64, Int64?, Timestamp, Timestamp?,
                    String
                ).self)
        guard let tier = ServiceTier(rawValue: tier) else { return nil }
        let price = Price(
            id: id, model: ModelName(provider: provider, model: model), meter: Meter(meter),
            tier: tier, aboveContextTokens: above,
            region: region.isEmpty ? nil : region, hours: WeeklyHours(text: hours),
            femtodollarsPerUnit: femtodollars, leastQuantity: least, validFrom: from, validUntil: until)
        return (price, source)
    }
}
