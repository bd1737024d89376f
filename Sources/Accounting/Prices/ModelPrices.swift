/// All prices of one model, compiled into rate cards.
package final class ModelPrices: Sendable {
    package let name: ModelName
    package let maximumOutputTokens: Int64?
    package let prices: [Price]
    /// Context thresholds, the highest first, 0 the last.
    private let thresholds: [Int64]
    /// When any rate begins or ends, the latest first.
    private let starts: [Timestamp]
    /// One of each tier, threshold and start, in that order.
    private let cards: [RateCard]

    package init(name: ModelName, maximumOutputTokens: Int64?, prices: [Price]) {
        self.name = name
        self.maximumOutputTokens = maximumOutputTokens
        self.prices = prices
        let thresholds = Set(prices.map(\.aboveContextTokens)).union([0]).sorted(by: >)
        let starts = Set(prices.flatMap { [$0.validFrom] + ($0.validUntil.map { [$0] } ?? []) }).sorted(by: >)
        let valid = starts.map { start in prices.filter { $0.isValid(at: start) } }
        cards = ServiceTier.allCases.flatMap { tier in
            thresholds.flatMap { threshold in
                valid.map { RateCard(rates: Self.rates(of: $0, tier: tier, contextTokens: threshold + 1)) }
            }
        }
        self.thresholds = thresholds
        self.starts = starts
    }

    /// The rates for a prompt of `contextTokens` at `moment`; nil before the first price.
    package func card(tier: ServiceTier, contextTokens: Int64, at moment: Timestamp) -> RateCard? {
        let threshold = thresholds.firstIndex { $0 < contextTokens } ?? thresholds.count - 1
        return card(tier, threshold, at: moment)
    }

    private func card(_ tier: ServiceTier, _ threshold: Int, at moment: Timestamp) -> RateCard? {
        guard let start = starts.firstIndex(where: { $0 <= moment }) else { return nil }
        let card = cards[(tier.ordinal * thresholds.count + threshold) * starts.count + start]
        return card.rates.isEmpty ? nil : card
    }

    /// Visits the rates of every prompt size up to `contextTokens`: what a smaller prompt than declared may be rated by.
    func forEachCard(
        tier: ServiceTier, upToContextTokens contextTokens: Int64, at moment: Timestamp, _ body: (RateCard) -> Void
    ) {
        for threshold in thresholds.indices where thresholds[threshold] < contextTokens {
            if let card = card(tier, threshold, at: moment) { body(card) }
        }
    }

    private static func rates(of valid: [Price], tier: ServiceTier, contextTokens: Int64) -> [Rate] {
        func own(_ meter: Meter, _ tier: ServiceTier) -> Price? {
            valid
                .filter { $0.meter == meter && $0.tier == tier && $0.aboveContextTokens < max(1, contextTokens) }
                .max { ($0.aboveContextTokens, $0.validFrom, $0.id) < ($1.aboveContextTokens, $1.validFrom, $1.id) }
        }
        func resolve(_ meter: Meter) -> (price: Price, halves: Int64)? {
            if let price = own(meter, tier) { return (price, 2) }
            // A tier without its own rate uses standard, except batch, which is half of it.
            if let price = own(meter, .standard) { return (price, tier == .batch ? 1 : 2) }
            return meter.parent.flatMap(resolve)
        }
        let meters =
            Meter.tokenMeters + Set(valid.map(\.meter)).subtracting(Meter.tokenMeters).sorted { $0.name < $1.name }
        return meters.compactMap { meter in
            resolve(meter).map {
                Rate(
                    meter: meter, halfFemtodollarsPerUnit: $0.price.femtodollarsPerUnit * $0.halves,
                    priceID: $0.price.id)
            }
        }
    }
}
