/// How large the price book may be. Every server compiles all of it into memory, and again whenever a price changes, so
/// what is taken into it must fit there with whatever was taken before.
///
/// Dates have no limit of their own, because rows are never removed: a model that had used up its dates could not be
/// priced any more. What counts is what the prices come to, that is the rates of one date times the dates. A model with
/// prices of the usual kinds of tokens may change them every day for twenty-eight years; one with prices of its own in
/// two regions, above two thresholds and at some hours every week for eleven.
package enum PriceLimits {
    /// Of a model.
    package static let meters = 256
    /// Of a model, beside 0.
    package static let thresholds = 32
    package static let regions = 64
    /// So many different hours of the week may have prices of their own in a model.
    package static let hours = 16
    /// So often in a week a model's hourly prices may change: each half hour.
    package static let changesAWeek = 336
    /// Of a model; some 40 bytes each where no two of its cards are alike.
    package static let ratesOfAModel = 1_000_000
    /// Of all models together: some twenty times those of the shipped book.
    package static let ratesOfTheBook = 10_000_000

    /// Throws what first exceeds a limit, the models in their order, then all of them together.
    package static func check(_ rows: [ModelName: [Price]]) throws(PriceExcess) {
        var count = 0
        for (model, prices) in rows.sorted(by: { $0.key < $1.key }) { count += try rateCount(of: model, prices) }
        if count > ratesOfTheBook { throw PriceExcess("the price book", "rates", count, limit: ratesOfTheBook) }
    }

    /// The most rates that a model's cards may have.
    private static func rateCount(of model: ModelName, _ prices: [Price]) throws(PriceExcess) -> Int {
        func check(_ count: Int, _ what: String, limit: Int) throws(PriceExcess) {
            if count > limit { throw PriceExcess("\(model)", what, count, limit: limit) }
        }
        let meters = Set(prices.map(\.meter))
        let hours = Set(prices.compactMap(\.hours))
        try check(meters.count, "meters", limit: Self.meters)
        try check(
            Set(prices.map(\.aboveContextTokens)).subtracting([0]).count, "thresholds of the context",
            limit: thresholds)
        try check(Set(prices.compactMap(\.region)).count, "regions", limit: regions)
        try check(hours.count, "different hours of the week", limit: Self.hours)
        try check(PriceWeek.minutes(ofChangesIn: hours).count, "changes in a week", limit: changesAWeek)
        let axes = PriceAxes(PriceSuccession.all(of: prices).values.flatMap(\.prices))
        // Kinds of tokens have a rate where only the whole has a price.
        let rates = axes.cardCount * meters.union(Meter.tokenMeters).count
        let factors =
            "rates (of \(axes.starts.count) dates, \(axes.thresholds.count) sizes of the prompt, "
            + "\(axes.regions.count + 1) places and \(axes.week.variants.count) times of the week)"
        try check(rates, factors, limit: ratesOfAModel)
        return rates
    }
}

/// Prices that are too many, in words for the person who imports them.
package struct PriceExcess: Error, Equatable, CustomStringConvertible {
    package let description: String

    fileprivate init(_ owner: String, _ what: String, _ count: Int, limit: Int) {
        description = "\(owner) would have \(count) \(what), more than the \(limit) that it may have"
    }
}
