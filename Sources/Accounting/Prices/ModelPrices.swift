/// All prices of one model, compiled into rate cards.
package final class ModelPrices: Sendable {
    package let name: ModelName
    package let maximumOutputTokens: Int64?
    /// As they are stored, those that others have put right among them.
    package let prices: [Price]
    private let axes: PriceAxes
    private let cards: [RateCard]

    package init(name: ModelName, maximumOutputTokens: Int64?, prices: [Price]) {
        self.name = name
        self.maximumOutputTokens = maximumOutputTokens
        self.prices = prices
        let successions = Array(PriceSuccession.all(of: prices).values)
        axes = PriceAxes(successions.flatMap(\.prices))
        cards = Self.cards(axes, successions)
    }

    private static func cards(_ axes: PriceAxes, _ successions: [PriceSuccession]) -> [RateCard] {
        var successions = successions
        let none = RateCard(rates: [])
        var cards = Array(repeating: none, count: axes.cardCount)
        // Many regions, and most dates of a tier, have no rates of their own.
        var known = [none.rates: none]
        for (start, moment) in axes.starts.enumerated().reversed() {
            let inForce = successions.indices.compactMap { successions[$0].price(at: moment) }
            var place = start
            for region in [nil] + axes.regions {
                for hours in axes.week.variants {
                    let here = inForce.filter { price in
                        (price.region == nil || price.region == region) && (price.hours.map(hours.contains) ?? true)
                    }
                    var standard: [RateCard] = []
                    for tier in ServiceTier.allCases {
                        let isStandard =
                            tier != .standard && tier != .batch
                            && !here.contains { $0.tier == tier || $0.tier == tier.substitute }
                        for (index, threshold) in axes.thresholds.enumerated() {
                            if isStandard {
                                cards[place] = standard[index]
                            } else {
                                let rates = RateCard.rates(of: here.filter { $0.aboveContextTokens <= threshold }, tier)
                                let card = known[rates] ?? RateCard(rates: rates)
                                known[rates] = card
                                cards[place] = card
                            }
                            if tier == .standard { standard.append(cards[place]) }
                            place += axes.starts.count
                        }
                    }
                }
            }
        }
        return cards
    }

    /// The rates for a prompt of `contextTokens` at `moment`; nil before the first price. A region without prices of its
    /// own has those for everywhere.
    package func card(
        tier: ServiceTier, region: String? = nil, contextTokens: Int64, at moment: Timestamp
    ) -> RateCard? {
        let threshold = axes.thresholds.firstIndex { $0 < contextTokens } ?? axes.thresholds.count - 1
        return card(tier, place(of: region, at: moment), threshold, at: moment)
    }

    /// Visits the rates of every prompt size up to `contextTokens`: what a smaller prompt than declared may be rated by.
    func forEachCard(
        tier: ServiceTier, region: String?, upToContextTokens contextTokens: Int64, at moment: Timestamp,
        _ body: (RateCard) -> Void
    ) {
        let place = place(of: region, at: moment)
        for threshold in axes.thresholds.indices where axes.thresholds[threshold] < contextTokens {
            if let card = card(tier, place, threshold, at: moment) { body(card) }
        }
    }

    /// Visits the moments after `start` and up to `end` at which a price begins or ends or the hours of the week change;
    /// some may come twice. Most models have no hours and no price that is still to begin: two comparisons say so.
    func forEachChange(after start: Timestamp, through end: Timestamp, _ body: (Timestamp) -> Void) {
        for moment in axes.starts {
            guard moment > start else { break }
            if moment <= end { body(moment) }
        }
        axes.week.forEachChange(after: start, through: end, body)
    }

    /// The place of a region and of the time of the week among the cards.
    private func place(of region: String?, at moment: Timestamp) -> Int {
        let place = region.flatMap { axes.regions.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
        return place * axes.week.variants.count + axes.week.variant(at: moment)
    }

    private func card(_ tier: ServiceTier, _ place: Int, _ threshold: Int, at moment: Timestamp) -> RateCard? {
        guard let start = axes.starts.firstIndex(where: { $0 <= moment }) else { return nil }
        let tiers = place * ServiceTier.allCases.count + tier.ordinal
        let card = cards[(tiers * axes.thresholds.count + threshold) * axes.starts.count + start]
        return card.rates.isEmpty ? nil : card
    }
}

extension RateCard {
    /// The rates of a tier by those prices that apply, each meter's own or the one it falls back to.
    fileprivate static func rates(of prices: [Price], _ tier: ServiceTier) -> [Rate] {
        func closest(in tier: ServiceTier?) -> [Meter: Price] {
            var closest: [Meter: Price] = [:]
            for price in prices where price.tier == tier {
                if closest[price.meter].map(price.goesBefore) ?? true { closest[price.meter] = price }
            }
            return closest
        }
        let (own, substitute, standard) = (closest(in: tier), closest(in: tier.substitute), closest(in: .standard))
        func resolve(_ meter: Meter) -> (price: Price, halves: Int64)? {
            for price in [own[meter], substitute[meter]].compactMap(\.self)
            where !(standard[meter]?.isForLongerPrompts(than: price) ?? false) {
                return (price, 2)
            }
            // A tier without its own rate uses standard, except batch, which is half of it.
            if let price = standard[meter] { return (price, tier == .batch ? 1 : 2) }
            return meter.parent.flatMap(resolve)
        }
        let others = Set(prices.map(\.meter)).subtracting(Meter.tokenMeters).sorted {
            ($0.isNamed ? 0 : 1, $0.name) < ($1.isNamed ? 0 : 1, $1.name)
        }
        return (Meter.tokenMeters + others).compactMap { meter in
            resolve(meter).map {
                Rate(
                    meter: meter, halfFemtodollarsPerUnit: $0.price.femtodollarsPerUnit * $0.halves,
                    priceID: $0.price.id)
            }
        }
    }
}
