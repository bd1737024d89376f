/// All prices of one model, compiled into rate cards.
package struct ModelPrices: Sendable {
    private struct Entry: Sendable {
        let tier: ServiceTier
        let aboveContextTokens: Int64
        let validFrom: Timestamp
        let card: RateCard
    }

    package let name: ModelName
    package let maximumOutputTokens: Int64?
    package let prices: [Price]
    /// Of each tier by threshold and start, the most specific first.
    private let entries: [Entry]

    package init(name: ModelName, maximumOutputTokens: Int64?, prices: [Price]) {
        self.name = name
        self.maximumOutputTokens = maximumOutputTokens
        self.prices = prices
        let thresholds = Set(prices.map(\.aboveContextTokens)).union([0]).sorted(by: >)
        let starts = Set(prices.flatMap { [$0.validFrom] + ($0.validUntil.map { [$0] } ?? []) }).sorted(by: >)
        entries = ServiceTier.allCases.flatMap { tier in
            thresholds.flatMap { threshold in
                starts.map { start in
                    let valid = prices.filter { $0.isValid(at: start) }
                    return Entry(
                        tier: tier, aboveContextTokens: threshold, validFrom: start,
                        card: RateCard(rates: Self.rates(of: valid, tier: tier, contextTokens: threshold + 1)))
                }
            }
        }
    }

    /// The rates for a prompt of `contextTokens` at `moment`; nil before the first price.
    package func card(tier: ServiceTier, contextTokens: Int64, at moment: Timestamp) -> RateCard? {
        let entry = entries.first {
            $0.tier == tier && ($0.aboveContextTokens < contextTokens || $0.aboveContextTokens == 0)
                && $0.validFrom <= moment
        }
        guard let card = entry?.card, !card.rates.isEmpty else { return nil }
        return card
    }

    /// The rates of every prompt size up to `contextTokens`: what a smaller prompt than declared may be rated by.
    package func cards(tier: ServiceTier, upToContextTokens contextTokens: Int64, at moment: Timestamp) -> [RateCard] {
        let thresholds = Set(entries.map(\.aboveContextTokens)).filter { $0 < contextTokens }
        return thresholds.compactMap { card(tier: tier, contextTokens: $0 + 1, at: moment) }
    }

    private static func rates(of valid: [Price], tier: ServiceTier, contextTokens: Int64) -> [Rate] {
        func own(_ meter: Meter, _ tier: ServiceTier) -> Price? {
            valid
                .filter { $0.meter == meter && $0.tier == tier && $0.aboveContextTokens < max(1, contextTokens) }
                .max { ($0.aboveContextTokens, $0.validFrom) < ($1.aboveContextTokens, $1.validFrom) }
        }
        func resolve(_ meter: Meter) -> (price: Price, halves: Int64)? {
            if let price = own(meter, tier) { return (price, 2) }
            // A tier without its own rate uses standard, except batch, which is half of it.
            if let price = own(meter, .standard) { return (price, tier == .batch ? 1 : 2) }
            return meter.parent.flatMap(resolve)
        }
        let meters = Meter.tokenMeters + Set(valid.map(\.meter)).subtracting(Meter.tokenMeters).sorted { $0.name < $1.name }
        return meters.compactMap { meter in
            resolve(meter).map {
                Rate(
                    meter: meter, halfFemtodollarsPerUnit: $0.price.femtodollarsPerUnit * $0.halves,
                    priceID: $0.price.id)
            }
        }
    }
}
