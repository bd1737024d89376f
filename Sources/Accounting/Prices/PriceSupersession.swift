extension Price {
    /// Where a row applies. At the same place, a later row takes over from the moment it begins.
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
/// If several rows begin at the same moment, only the newest counts. It supersedes the others, including their end, and
/// they are never in force.
package struct PriceSupersession: Sendable {
    package let prices: [Price]
    /// Rows that have not begun yet at the moment last asked about.
    private var waiting: ArraySlice<Price>
    /// Rows that have begun. The last one is in force; the others may be in force again when later ones end.
    private var begun: [Price] = []

    /// Groups `prices` by place.
    package static func all(of prices: some Sequence<Price>) -> [Price.Place: PriceSupersession] {
        Dictionary(grouping: prices, by: \.place).mapValues(PriceSupersession.init(ofOnePlace:))
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

    /// When each row is in force, in order. A row may be so twice: before a later one, and after that has ended.
    package var spans: [(price: Price, from: Timestamp, until: Timestamp?)] {
        var rows = self
        let marks = Set(prices.flatMap { [$0.validFrom] + ($0.validUntil.map { [$0] } ?? []) }).sorted()
        var spans: [(price: Price, from: Timestamp, until: Timestamp?)] = []
        for (index, mark) in marks.enumerated() {
            guard let price = rows.price(at: mark) else { continue }
            let end = index + 1 < marks.count ? marks[index + 1] : nil
            if let last = spans.last, last.price.id == price.id, last.until == mark {
                spans[spans.count - 1].until = end
            } else {
                spans.append((price, mark, end))
            }
        }
        return spans
    }

    /// The row in force at `moment`, if any. Each `moment` must be at or after the one asked about before.
    package mutating func price(at moment: Timestamp) -> Price? {
        while let next = waiting.first, next.validFrom <= moment { begun.append(waiting.removeFirst()) }
        // Moments never go back, so a row that has ended never returns.
        while let last = begun.last, !last.isValid(at: moment) { begun.removeLast() }
        return begun.last
    }
}
