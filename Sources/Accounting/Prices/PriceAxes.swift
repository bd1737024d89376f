/// What tells the rate cards of a model apart. There is one card of each region, variant of the week, tier, threshold and
/// start, in that order.
struct PriceAxes: Sendable {
    /// Regions with prices of their own, in the order of their cards, which come after those for everywhere.
    let regions: [String]
    let week: PriceWeek
    /// Context thresholds, the highest first, 0 the last.
    let thresholds: [Int64]
    /// When any rate begins or ends, the latest first.
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
