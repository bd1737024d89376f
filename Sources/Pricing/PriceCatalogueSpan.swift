import Accounting
import JSON

/// The prices of a model between two days at which any of them changes.
struct PriceCatalogueSpan {
    let from: Timestamp
    let until: Timestamp?
    /// Hours of the day have no date in the catalogue: they belong to the newest prices.
    let isLast: Bool
    private(set) var lines: [PriceFile.PriceLine] = []
    private(set) var notTaken: Set<String> = []

    init(from: Timestamp, until: Timestamp?, isLast: Bool) {
        (self.from, self.until, self.isLast) = (from, until, isLast)
    }

    /// Adds what applies of some offers: of each tier the last one, and those for some hours that come after it.
    mutating func add(_ offers: [PriceCatalogueOffer]) {
        for tier in PriceEntry.serviceTiers {
            let own = offers.filter { $0.tier == tier }
            guard let last = own.lastIndex(where: applies) else { continue }
            add(own[last].prices, tier, hours: "")
            guard isLast else { continue }
            for offer in own[(last + 1)...] {
                if case .daily(let hours) = offer.condition { add(offer.prices, tier, hours: hours.description) }
            }
        }
    }

    private func applies(_ offer: PriceCatalogueOffer) -> Bool {
        switch offer.condition {
        case .always: true
        case .since(let day): day.startUTC <= from
        case .daily, nil: false
        }
    }

    private mutating func add(_ prices: JSONValue?, _ tier: String, hours: String) {
        for (key, value) in prices?.fields.map({ $0 }) ?? [] {
            guard let unit = PriceCatalogueUnit(key: key) else {
                notTaken.insert(key)
                continue
            }
            add(value["base"] ?? value, key, unit, tier, hours, above: 0)
            for step in value["tiers"]?.elements.map({ $0 }) ?? [] {
                guard let above = step["start"]?.integer, above > 0, let price = step["price"] else {
                    notTaken.insert("\(key) tiers")
                    continue
                }
                add(price, key, unit, tier, hours, above: above)
            }
        }
        let order = PriceCatalogueUnit.order
        lines.sort {
            let (left, right) = (order[$0.meter] ?? order.count, order[$1.meter] ?? order.count)
            return (left, $0.meter) < (right, $1.meter)
        }
    }

    private mutating func add(
        _ value: JSONValue, _ key: String, _ unit: PriceCatalogueUnit, _ tier: String, _ hours: String, above: Int64
    ) {
        guard let number = PriceMapNumber(value), let femtodollars = unit.femtodollars(number) else {
            notTaken.insert("\(key) of \(value.source.prefix(64))")
            return
        }
        // A 0 may mean that a thing is free, or that there is no such thing: the price of its whole then applies.
        guard femtodollars > 0 else { return }
        let isOfTokens = unit.meter.hasSuffix("_tokens")
        let tiers = isOfTokens ? [tier] : tier == "standard" ? ["standard", "batch"] : []
        for tier in tiers {
            var line = PriceFile.PriceLine(
                meter: unit.meter, serviceTier: tier, aboveContextTokens: isOfTokens ? above : 0,
                femtodollarsPerUnit: femtodollars, validFrom: from, validUntil: until)
            line.hours = hours
            if !lines.contains(where: { $0.place == line.place }) { lines.append(line) }
        }
    }
}
