extension Price {
    /// Where a row applies. At one place a later row takes over from the moment it begins.
    package struct Place: Hashable, Sendable {
        package let model: ModelName
        package let meter: Meter
        package let tier: ServiceTier
        package let aboveContextTokens: Int64
        package let region: String?
        package let hours: WeeklyHours?
    }

    package var place: Place {
        Place(
            model: model, meter: meter, tier: tier, aboveContextTokens: aboveContextTokens, region: region,
            hours: hours)
    }
}

/// The rows of one place in the order in which they take over from each other.
///
/// Of those that begin together only the newest counts: it puts the others right, its end included, and they are never
/// in force.
package struct PriceSuccession: Sendable {
    package let prices: [Price]
    /// Those that have not begun yet at the moment last asked about.
    private var waiting: ArraySlice<Price>
    /// Those that have, and may be in force again when the later ones end; the last one is.
    private var begun: [Price] = []

    /// By the places of `prices`.
    package static func all(of prices: some Sequence<Price>) -> [Price.Place: PriceSuccession] {
        Dictionary(grouping: prices, by: \.place).mapValues(PriceSuccession.init(ofOnePlace:))
    }

    private init(ofOnePlace rows: [Price]) {
        var prices: [Price] = []
        for row in rows.sorted(by: { ($0.validFrom, $0.id) < ($1.validFrom, $1.id) }) {
            if prices.last?.validFrom == row.validFrom { prices.removeLast() }
            prices.append(row)
        }
        self.prices = prices
        waiting = prices[...]
    }

    /// The row in force at `moment`, which is none before one that was asked about.
    mutating func price(at moment: Timestamp) -> Price? {
        while let next = waiting.first, next.validFrom <= moment { begun.append(waiting.removeFirst()) }
        // What has ended never comes back.
        while let last = begun.last, !last.isValid(at: moment) { begun.removeLast() }
        return begun.last
    }
}
