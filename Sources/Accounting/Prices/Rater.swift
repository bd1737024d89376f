/// Rates usage: what it costs at list prices, and what the company has agreed to pay for it.
package struct Rater: Sendable {
    package let prices: PriceBook
    package let agreements: AgreementBook

    package init(prices: PriceBook, agreements: AgreementBook) {
        self.prices = prices
        self.agreements = agreements
    }

    /// Rates the usage of a call of `team` on `model`, by the prices and the agreement in force at `moment`.
    package func rate(
        _ quantities: Quantities, of team: String?, on model: ModelName, tier: ServiceTier, region: String?,
        at moment: Timestamp
    ) -> RatedCall {
        rate(quantities, of: team, on: prices.models[model], tier: tier, region: region, at: moment)
    }

    package func rate(
        _ quantities: Quantities, of team: String?, on model: ModelPrices?, tier: ServiceTier, region: String?,
        at moment: Timestamp
    ) -> RatedCall {
        guard let model else { return .unpriced(quantities) }
        func rated(on prices: ModelPrices, list: RatedCall? = nil) -> RatedCall {
            guard quantities.hasPasses else {
                let card = prices.card(tier: tier, region: region, contextTokens: quantities.inputTokens, at: moment)
                return card.map { card in RateCard.rate(quantities, list: list) { _ in card } } ?? .unpriced(quantities)
            }
            // A threshold of the context is each pass's own.
            return RateCard.rate(quantities, list: list) { line in
                let context = line.passTokens > 0 ? line.passTokens : quantities.inputTokens
                return prices.card(tier: tier, region: region, contextTokens: context, at: moment)
            }
        }
        let list = rated(on: model)
        guard let agreement = agreements.agreement(of: team, on: model, at: moment) else { return list }
        let agreed = agreements.prices(under: agreement, list: model)
        return RatedCall(list: list, under: agreement, agreed: agreed === model ? nil : rated(on: agreed, list: list))
    }
}
