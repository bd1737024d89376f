/// What distinguishes the rate cards of a model. There is one card for each combination of region, variant of the week,
/// tier, threshold and start, in that order.
struct RateDimensions: Sendable {
    /// Regions with prices of their own, in the order of their cards. The cards for everywhere come before them.
    let regions: [String]
    let week: PriceWeek
    /// Context thresholds, the highest first. The last is 0.
    let thresholds: [Int64]
    /// The moments at which any rate begins or ends, the latest first.
    let starts: [Timestamp]

    init(_ prices: [Price]) {
        regions = Set(prices.compactMap(\.region)).sorted()
        week = PriceWeek(Set(prices.compactMap(\.hours)))
        thresholds = Set(prices.map(\.aboveContextTokens)).union([0]).sorted(by: >)
        starts = Set(prices.flatMap { [$0.validFrom] + ($0.validUntil.map { [$0] } ?? []) }).sorted(by: >)
    }

    var cardCount: Int {
        (1 + regions.count) * week.variants.count * ServiceTier.allCases.count * thresholds.count * starts.count
    }
}
