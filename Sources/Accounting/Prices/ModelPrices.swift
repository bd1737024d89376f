/// All prices of one model, compiled into rate cards.
package final class ModelPrices: Sendable {
    package let name: ModelName
    package let maximumOutputTokens: Int64?
    package let prices: [Price]
    /// Regions with prices of their own, in the order of their cards, which come after those for everywhere.
    private let regions: [String]
    private let week: PriceWeek
    /// Context thresholds, the highest first, 0 the last.
    private let thresholds: [Int64]
    /// When any rate begins or ends, the latest first.
    private let starts: [Timestamp]
    /// One of each region, variant of the week, tier, threshold and start, in that order.
    private let cards: [RateCard]

    package init(name: ModelName, maximumOutputTokens: Int64?, prices: [Price]) {
        self.name = name
        self.maximumOutputTokens = maximumOutputTokens
        self.prices = prices
        regions = Set(prices.compactMap(\.region)).sorted()
        week = PriceWeek(Set(prices.compactMap(\.hours)))
        thresholds = Set(prices.map(\.aboveContextTokens)).union([0]).sorted(by: >)
        starts = Set(prices.flatMap { [$0.validFrom] + ($0.validUntil.map { [$0] } ?? []) }).sorted(by: >)
        var cards: [RateCard] = []
        // Most tiers, and many regions, have no rates of their own.
        var known: [[Rate]: RateCard] = [:]
        for region in [nil] + regions {
            for hours in week.variants {
                let here = prices.filter { price in
                    (price.region == nil || price.region == region) && (price.hours.map(hours.contains) ?? true)
                }
                for tier in ServiceTier.allCases {
                    for threshold in thresholds {
                        for start in starts {
                            let rates = RateCard.rates(
                                of: here.filter { $0.isValid(at: start) && $0.aboveContextTokens <= threshold }, tier)
                            let card = known[rates] ?? RateCard(rates: rates)
                            known[rates] = card
                            cards.append(card)
                        }
                    }
                }
            }
        }
        self.cards = cards
    }

    /// The rates for a prompt of `contextTokens` at `moment`; nil before the first price. A region without prices of its
    /// own has those for everywhere.
    package func card(
        tier: ServiceTier, region: String? = nil, contextTokens: Int64, at moment: Timestamp
    ) -> RateCard? {
        let threshold = thresholds.firstIndex { $0 < contextTokens } ?? thresholds.count - 1
        return card(tier, place(of: region, at: moment), threshold, at: moment)
    }

    /// Visits the rates of every prompt size up to `contextTokens`: what a smaller prompt than declared may be rated by.
    func forEachCard(
        tier: ServiceTier, region: String?, upToContextTokens contextTokens: Int64, at moment: Timestamp,
        _ body: (RateCard) -> Void
    ) {
        let place = place(of: region, at: moment)
        for threshold in thresholds.indices where thresholds[threshold] < contextTokens {
            if let card = card(tier, place, threshold, at: moment) { body(card) }
        }
    }

    /// The place of a region and of the time of the week among the cards.
    private func place(of region: String?, at moment: Timestamp) -> Int {
        let place = region.flatMap { regions.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
        return place * week.variants.count + week.variant(at: moment)
    }

    private func card(_ tier: ServiceTier, _ place: Int, _ threshold: Int, at moment: Timestamp) -> RateCard? {
        guard let start = starts.firstIndex(where: { $0 <= moment }) else { return nil }
        let tiers = place * ServiceTier.allCases.count + tier.ordinal
        let card = cards[(tiers * thresholds.count + threshold) * starts.count + start]
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
        let others = Set(prices.map(\.meter)).subtracting(Meter.tokenMeters).sorted { $0.name < $1.name }
        return (Meter.tokenMeters + others).compactMap { meter in
            resolve(meter).map {
                Rate(
                    meter: meter, halfFemtodollarsPerUnit: $0.price.femtodollarsPerUnit * $0.halves,
                    priceID: $0.price.id)
            }
        }
    }
}
