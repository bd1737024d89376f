import Accounting
import JSON

/// `tiered_pricing`: whole tables of rates, chosen by the size of the prompt.
///
/// Alibaba Cloud and Volcano Engine charge all tokens of a call by the one table whose range contains the prompt's
/// size, the end of the range included. The price book's thresholds mean the same.
extension PriceMapEntry {
    private typealias Table = (above: Int64, rates: [PriceMapField: Int64])

    /// Adds one threshold per table. The tables replace the entry's other standard prices, which repeat the first
    /// table.
    func addTieredPrices(to prices: inout Prices) throws(Skip) {
        let name = "tiered_pricing"
        guard says(name), let value = fields[name], let tables = try tables(value, noting: &prices) else { return }
        prices.carried.insert(name)
        prices.lines.removeAll { $0.serviceTier == "standard" }
        let fields = Set(tables.flatMap(\.rates.keys)).sorted()
        var lines: [PriceFile.PriceLine] = []
        for table in tables {
            for field in fields {
                guard let femtodollars = table.rates[field] ?? Self.substitute(for: field, in: table) else { continue }
                lines.append(Self.line(field.meter, field.serviceTier, table.above, femtodollars))
            }
        }
        prices.lines = lines + prices.lines
    }

    /// The price of a part that a table leaves out: the price of its whole in the same table, rather than the price of
    /// the part in a table for smaller prompts.
    private static func substitute(for field: PriceMapField, in table: Table) -> Int64? {
        let whole = field.isOutput ? "output_cost_per_token" : "input_cost_per_token"
        return PriceMapField(whole).flatMap { table.rates[$0] }
    }

    /// The tables, with the prompt size above which each holds; nil if they are not understood.
    private func tables(_ value: JSONValue, noting prices: inout Prices) throws(Skip) -> [Table]? {
        var tables: [Table] = []
        var end: Int64 = 0
        for table in value.elements {
            guard tables.count <= PriceLimits.thresholds else { return nil }
            var rates: [PriceMapField: Int64] = [:]
            var range: [Int64] = []
            for (name, value) in table.fields {
                if name == "range" {
                    range = value.elements.compactMap { PriceMapNumber($0)?.whole }
                } else if let field = PriceMapField(name), field.isPlain {
                    let number = try Self.number(value, of: name)
                    if number.isShortened { prices.shortened.insert("tiered_pricing") }
                    if number.femto > 0 { rates[field] = Int64(number.femto) }
                } else {
                    return nil
                }
            }
            // Each range must begin where the one before it ends.
            guard range.count == 2, range[0] == end, range[1] > end, !rates.isEmpty else { return nil }
            tables.append((end, rates))
            end = range[1]
        }
        return tables
    }
}
