import Accounting
import JSON

/// What an entry charges in a region or at some hours: the map has a factor or other rates, the price book rows.
extension PriceMapEntry {
    /// Adds to the prices of tokens those of each region whose factor leaves them exact.
    func addRegionPrices(to prices: inout Prices) {
        var factors: [(region: String, field: String, factor: JSONValue)] = []
        for field in fields.keys.sorted() {
            guard let value = fields[field] else { continue }
            if field.hasPrefix("regional_processing_uplift_multiplier_") {
                factors.append((String(field.dropFirst(38)), field, value))
            } else if field == "regional_endpoint_uplift_multiplier" {
                // The map names no regions: it means every endpoint but the global one.
                factors.append(("regional", field, value))
            } else if field == "provider_specific_entry" {
                for (region, value) in value.fields where region == "us" { factors.append((region, field, value)) }
                // Whatever else stands there is named by itself.
                prices.carried.insert(field)
            }
        }
        let general = prices.lines.filter { $0.meter.hasSuffix("_tokens") }
        for (region, field, value) in factors.sorted(by: { $0.region < $1.region }) {
            guard PriceFile.isName(region), let factor = PriceMapNumber(value), factor.femto > 0,
                let lines = Self.lines(general, in: region, times: factor)
            else { continue }
            prices.carried.insert(field == "provider_specific_entry" ? "\(field).\(region)" : field)
            prices.lines += lines
        }
    }

    private static func lines(
        _ general: [PriceFile.PriceLine], in region: String, times factor: PriceMapNumber
    ) -> [PriceFile.PriceLine]? {
        var lines: [PriceFile.PriceLine] = []
        for line in general {
            let (quotient, remainder) = (Int128(line.femtodollarsPerUnit) * factor.femto)
                .quotientAndRemainder(dividingBy: PriceMapNumber.one.femto)
            guard remainder == 0, quotient <= Int128(Price.maximumFemtodollarsPerUnit) else { return nil }
            lines.append(
                PriceFile.PriceLine(
                    meter: line.meter, serviceTier: line.serviceTier, aboveContextTokens: line.aboveContextTokens,
                    region: region, hours: line.hours, femtodollarsPerUnit: Int64(quotient), validFrom: line.validFrom,
                    validUntil: line.validUntil))
        }
        return lines
    }

    /// Adds the prices that hold while a provider is off its peak, whatever the size of the prompt.
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
