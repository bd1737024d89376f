import Accounting
import Postgres

/// The stored price book. Rows are added, never edited.
package enum PriceStore {
    /// All rows by model, in the order in which they were added.
    static func rows(_ transaction: borrowing Transaction) throws -> [ModelName: [Price]] {
        try byModel(query(transaction))
    }

    static func query(_ transaction: borrowing Transaction) throws -> Rows {
        try transaction.query("SELECT \(unescaped: columns) FROM price ORDER BY price_id")
    }

    static func byModel(_ rows: Rows) throws -> [ModelName: [Price]] {
        Dictionary(grouping: try rows.compactMap { try read($0)?.price }, by: \.model)
    }

    /// A price with its source.
    package struct Listed: Sendable {
        package let price: Price
        package let source: String
        /// The row that supersedes this one; nil if this row counts.
        package let supersededBy: Int64?
    }

    /// All rows of some models, including superseded rows, because entries name those too.
    package static func list(model: String?, provider: String?, _ connection: Connection) throws -> [Listed] {
        let rows = try connection.query(
            """
            SELECT \(unescaped: columns) FROM price
            WHERE (\(model)::text IS NULL OR model = \(model)) AND (\(provider)::text IS NULL OR provider = \(provider))
            ORDER BY provider, model, region, hours, service_tier, above_context_tokens, meter, valid_from, price_id
            """
        ).compactMap(read)
        let supersessions = PriceSupersession.all(of: rows.map(\.price))
        let counting = Set(supersessions.values.flatMap(\.prices).map(\.id))
        return rows.map { price, source in
            let newer =
                counting.contains(price.id)
                ? nil : supersessions[price.place]!.prices.first { $0.validFrom == price.validFrom }
            return Listed(price: price, source: source, supersededBy: newer?.id)
        }
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
