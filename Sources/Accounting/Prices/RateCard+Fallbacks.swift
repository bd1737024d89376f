extension RateCard {
    /// The rates of a tier from the prices that apply: each meter's own rate, or the rate that it falls back to.
    static func entries(of prices: [Price], _ tier: ServiceTier) -> [Entry] {
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
            // A tier without a rate of its own uses the standard rate. Batch uses half of it.
            if let price = standard[meter] { return (price, tier == .batch ? 1 : 2) }
            // Tokens that nobody split are the prompt's, if the model puts out none.
            if meter == .unsplit { return resolve(.output) == nil ? resolve(.input) : nil }
            return meter.parent.flatMap(resolve)
        }
        let others = Set(prices.map(\.meter)).subtracting(Meter.tokenMeters).sorted {
            ($0.isNamed ? 0 : 1, $0.name) < ($1.isNamed ? 0 : 1, $1.name)
        }
        return (Meter.tokenMeters + others).compactMap { meter in
            resolve(meter).map {
                Entry(
                    meter: meter,
                    rate: Rate(
                        halfFemtodollarsPerUnit: $0.price.femtodollarsPerUnit * $0.halves, priceID: $0.price.id,
                        leastQuantity: $0.price.leastQuantity))
            }
        }
    }
}
