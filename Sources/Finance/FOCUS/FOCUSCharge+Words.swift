import Accounting

/// What a row says in words.
extension FOCUSCharge {
    var description: String {
        switch kind {
        case .usage: "\(model) \(meterWords), \(tier) tier"
        case .unpriced:
            "\(model) \(meterWords), \(tier) tier: \(quantity) used without a price. What they cost is not known and "
                + "in no amount of this file."
        case .estimated: "\(model) calls that nobody settled, \(tier) tier, at what was held for them"
        case .rounding: "Rounding of entries to the nanodollar"
        case .credit(let id): "Paid by the prepaid credit \(id)"
        }
    }

    private var meterWords: String { meter.map { $0.name.replacing("_", with: " ") } ?? "" }

    /// `cache_read_tokens` → `Cache Read Tokens`
    var skuMeter: String? {
        guard isUsage || kind == .unpriced, let meter else { return nil }
        return Self.title(meter.name)
    }

    /// `Tokens`, `Web Searches`. FOCUS has units of letters and spaces alone.
    var consumedUnit: String? {
        guard let meter else { return nil }
        if meter.isOfTokens { return "Tokens" }
        return meter.name.hasSuffix("_seconds") ? "Seconds" : Self.title(meter.name)
    }

    var pricingUnit: String? { meter?.isOfTokens == true ? "1000000 Tokens" : consumedUnit }

    private static func title(_ name: String) -> String {
        name.split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
            .map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: " ")
    }

    /// Nil for rows that are of no model.
    var skuID: String? { isUsage ? "\(provider)/\(model)" : nil }

    /// One for each unit price: the same row of the price book may price several meters, tiers and snapshots.
    var skuPriceID: String? {
        guard let skuID, let meter else { return nil }
        let price = priceID > 0 ? "\(priceID)" : "agreed-\(agreedPriceID)"
        return "\(skuID)/\(meter.name)/\(tier)/\(price)"
    }
}
