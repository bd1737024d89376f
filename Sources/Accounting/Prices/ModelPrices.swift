/// All prices of one model, compiled into rate cards.
package final class ModelPrices: Sendable {
    package let name: ModelName
    /// The model that this one is a snapshot of; its own name if it is none. Set by the price book.
    package let family: ModelName
    package let maximumOutputTokens: Int64?
    /// The longest prompt of one call; nil if the price book does not know it.
    package let maximumInputTokens: Int64?
    /// All stored prices, including those that others have superseded.
    package let prices: [Price]
    private let dimensions: RateDimensions
    private let cards: [RateCard]

    package init(
        name: ModelName, family: ModelName? = nil, maximumInputTokens: Int64? = nil, maximumOutputTokens: Int64?,
        prices: [Price]
    ) {
        self.name = name
        self.family = family ?? name
        self.maximumOutputTokens = maximumOutputTokens
        self.maximumInputTokens = maximumInputTokens.flatMap { Self.isOfWholeCall($0, prices) ? $0 : nil }
        // Without the room to grow that arrays have which were collected one by one: a book has tens of thousands.
        self.prices = prices.map { $0 }
        let supersessions = Array(PriceSupersession.all(of: prices).values)
        dimensions = RateDimensions(supersessions.flatMap(\.prices))
        cards = Self.cards(dimensions, supersessions)
    }

    /// The same prices, of a snapshot of `family`.
    init(_ other: ModelPrices, family: ModelName) {
        name = other.name
        self.family = family
        maximumOutputTokens = other.maximumOutputTokens
        maximumInputTokens = other.maximumInputTokens
        (prices, dimensions, cards) = (other.prices, other.dimensions, other.cards)
    }

    /// Whether a maximum of the input bounds the prompt of a call. That of a model without output, such as an embedding,
    /// is the maximum of one text, and a call may send many. A book that has prices for longer prompts contradicts itself.
    private static func isOfWholeCall(_ maximumInputTokens: Int64, _ prices: [Price]) -> Bool {
        prices.contains { $0.meter.isOfOutput } && !prices.contains { $0.aboveContextTokens >= maximumInputTokens }
    }

    private static func cards(_ dimensions: RateDimensions, _ supersessions: [PriceSupersession]) -> [RateCard] {
        var supersessions = supersessions
        let none = RateCard([])
        var cards = Array(repeating: none, count: dimensions.cardCount)
        // Many regions, and most dates of a tier, have no rates of their own, so equal cards are shared.
        var known: [[RateCard.Entry]: RateCard] = [[]: none]
        for (start, moment) in dimensions.starts.enumerated().reversed() {
            let inForce = supersessions.indices.compactMap { supersessions[$0].price(at: moment) }
            var place = start
            for region in [nil] + dimensions.regions {
                for hours in dimensions.week.variants {
                    let here = inForce.filter { price in
                        (price.region == nil || price.region == region) && (price.hours.map(hours.contains) ?? true)
                    }
                    var standard: [RateCard] = []
                    for tier in ServiceTier.allCases {
                        let isStandard =
                            tier != .standard && tier != .batch
                            && !here.contains { $0.tier == tier || $0.tier == tier.substitute }
                        for (index, threshold) in dimensions.thresholds.enumerated() {
                            if isStandard {
                                cards[place] = standard[index]
                            } else {
                                let entries = RateCard.entries(
                                    of: here.filter { $0.aboveContextTokens <= threshold }, tier)
                                let card = known[entries] ?? RateCard(entries)
                                known[entries] = card
                                cards[place] = card
                            }
                            if tier == .standard { standard.append(cards[place]) }
                            place += dimensions.starts.count
                        }
                    }
                }
            }
        }
        return cards
    }

    /// The rates for a prompt of `contextTokens` at `moment`; nil before the first price. A region without prices of
    /// its own has the prices for everywhere.
    package func card(
        tier: ServiceTier, region: String? = nil, contextTokens: Int64, at moment: Timestamp
    ) -> RateCard? {
        let threshold = dimensions.thresholds.firstIndex { $0 < contextTokens } ?? dimensions.thresholds.count - 1
        return card(tier, place(of: region, at: moment), threshold, at: moment)
    }

    /// Visits the rates for every prompt size up to `contextTokens`, because the real prompt may be smaller than
    /// declared.
    func forEachCard(
        tier: ServiceTier, region: String?, upToContextTokens contextTokens: Int64, at moment: Timestamp,
        _ body: (RateCard) -> Void
    ) {
        let place = place(of: region, at: moment)
        for threshold in dimensions.thresholds.indices where dimensions.thresholds[threshold] < contextTokens {
            if let card = card(tier, place, threshold, at: moment) { body(card) }
        }
    }

    /// Visits the moments after `start` and up to `end` at which a price begins or ends or the hours of the week
    /// change. Some moments may be visited twice. For most models, which have no hours and no price still to begin,
    /// this takes two comparisons.
    func forEachChange(after start: Timestamp, through end: Timestamp, _ body: (Timestamp) -> Void) {
        for moment in dimensions.starts {
            guard moment > start else { break }
            if moment <= end { body(moment) }
        }
        dimensions.week.forEachChange(after: start, through: end, body)
    }

    /// The place of a region and a time of the week among the cards.
    private func place(of region: String?, at moment: Timestamp) -> Int {
        let place = region.flatMap { dimensions.regions.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
        return place * dimensions.week.variants.count + dimensions.week.variant(at: moment)
    }

    private func card(_ tier: ServiceTier, _ place: Int, _ threshold: Int, at moment: Timestamp) -> RateCard? {
        guard let start = dimensions.starts.firstIndex(where: { $0 <= moment }) else { return nil }
        let tiers = place * ServiceTier.allCases.count + tier.ordinal
        let card = cards[(tiers * dimensions.thresholds.count + threshold) * dimensions.starts.count + start]
        return card.isEmpty ? nil : card
    }
}
