import Accounting
import JSON

/// What an entry charges in a region, in a fast mode or at some hours. The map states a factor or other rates; the
/// price book gets a row for each resulting price.
extension PriceMapEntry {
    /// Adds the token prices of each region whose factor leaves all prices exact.
    func addRegionPrices(to prices: inout Prices) {
        var factors: [(region: String, field: String, factor: JSONValue)] = []
        for field in fields.keys.sorted() {
            guard let value = fields[field] else { continue }
            if field.hasPrefix("regional_processing_uplift_multiplier_") {
                factors.append((String(field.dropFirst(38)), field, value))
            } else if field == "regional_endpoint_uplift_multiplier" {
                // This field names no region: it applies to every endpoint but the global one.
                factors.append(("regional", field, value))
            } else if field == "provider_specific_entry" {
                for (region, value) in value.fields where region == "us" { factors.append((region, field, value)) }
                // Other fields inside this one are reported under their own names.
                prices.carried.insert(field)
            }
        }
        let general = prices.lines.filter { $0.meter.hasSuffix("_tokens") }
        for (region, field, value) in factors.sorted(by: { $0.region < $1.region }) {
            guard PriceFile.isName(region), var lines = Self.multiplied(general, by: value) else { continue }
            for index in lines.indices { lines[index].region = region }
            prices.carried.insert(field == "provider_specific_entry" ? "\(field).\(region)" : field)
            prices.lines += lines
        }
    }

    /// Adds the token prices of Anthropic's fast mode, which the map states as a factor.
    func addFastPrices(to prices: inout Prices) {
        let field = "provider_specific_entry"
        let general = prices.lines.filter { $0.meter.hasSuffix("_tokens") && $0.serviceTier == "standard" }
        guard let value = fields[field]?.fields.first(where: { $0.name == "fast" })?.value,
            var lines = Self.multiplied(general, by: value)
        else { return }
        for index in lines.indices { lines[index].serviceTier = "fast" }
        prices.carried.formUnion([field, "\(field).fast"])
        prices.lines += lines
    }

    /// The lines with their prices multiplied; nil if the value is not a positive factor, or leaves a price that is not
    /// exact or too large.
    private static func multiplied(_ lines: [PriceFile.PriceLine], by value: JSONValue) -> [PriceFile.PriceLine]? {
        guard let factor = PriceMapNumber(value), factor.femto > 0 else { return nil }
        var products: [PriceFile.PriceLine] = []
        for var line in lines {
            let (product, overflow) = factor.femto.multipliedReportingOverflow(by: Int128(line.femtodollarsPerUnit))
            let (quotient, remainder) = product.quotientAndRemainder(dividingBy: PriceMapNumber.one.femto)
            guard !overflow, remainder == 0, quotient <= Int128(Price.maximumFemtodollarsPerUnit) else { return nil }
            line.femtodollarsPerUnit = Int64(quotient)
            products.append(line)
        }
        return products
    }

    /// Adds the prices of a provider's off-peak hours, which hold for prompts of any size.
    func addOffPeakPrices(to prices: inout Prices) throws(Skip) {
        let name = "off_peak_pricing"
        guard says(name), let value = fields[name], let hours = PriceMapHours(value)?.hours else { return }
        var lines: [(field: PriceMapField, femtodollars: Int64)] = []
        for (key, value) in value.fields where !PriceMapHours.fields.contains(key) {
            guard let field = PriceMapField(key), field.isPlain else { return }
            let number = try Self.number(value, of: "\(name).\(key)")
            if number.femto > 0 { lines.append((field, Int64(number.femto))) }
            if number.isShortened { prices.shortened.insert(name) }
        }
        prices.carried.insert(name)
        for (field, femtodollars) in lines.sorted(by: { $0.field < $1.field }) {
            var line = Self.line(field.meter, field.serviceTier, 0, femtodollars)
            line.hours = hours.description
            prices.lines.append(line)
        }
    }
}
