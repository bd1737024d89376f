/// How large the price book may be. Every server compiles the whole book into memory, and does so again whenever a
/// price changes. New prices must therefore fit into memory together with all earlier ones.
///
/// Dates have no limit of their own, because rows are never removed: a model that had used up its dates could never be
/// priced again. The limit is on the product: the rates of one date times the number of dates. A model with prices of
/// the usual kinds of tokens may change them every day for twenty-eight years. A model with prices of its own in two
/// regions, above two thresholds and at some hours may change them every week for eleven years.
package enum PriceLimits {
    /// Per model.
    package static let meters = 256
    /// Per model, not counting 0.
    package static let thresholds = 32
    package static let regions = 64
    /// The number of different hours of the week that may have prices of their own in one model.
    package static let hours = 16
    /// How often in a week the hourly prices of a model may change: once each half hour.
    package static let changesAWeek = 336
    /// Per model. A rate takes some 40 bytes if no two of the model's cards are alike.
    package static let ratesOfAModel = 1_000_000
    /// For all models together: some twelve times the rates of the shipped book.
    package static let ratesOfTheBook = 10_000_000

    /// Throws the first limit that is exceeded. Checks each model in order, then all of them together.
    package static func check(_ rows: [ModelName: [Price]]) throws(PriceExcess) {
        var count = 0
        for (model, prices) in rows.sorted(by: { $0.key < $1.key }) { count += try rateCount(of: model, prices) }
        if count > ratesOfTheBook { throw PriceExcess("the price book", "rates", count, limit: ratesOfTheBook) }
    }

    /// The most rates that a model's cards may have.
    static func rateCount(of model: ModelName, _ prices: [Price]) throws(PriceExcess) -> Int {
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
        let dimensions = RateDimensions(PriceSupersession.all(of: prices).values.flatMap(\.prices))
        // Each kind of token has a rate even if only the whole has a price; tokens that nobody split have one only where
        // the output has none.
        let rates = dimensions.cardCount * meters.union(Meter.tokenMeters.filter { $0 != .unsplit }).count
        let factors =
            "rates (of \(dimensions.starts.count) dates, \(dimensions.thresholds.count) sizes of the prompt, "
            + "\(dimensions.regions.count + 1) places and \(dimensions.week.variants.count) times of the week)"
        try check(rates, factors, limit: ratesOfAModel)
        return rates
    }
}

/// Too many prices, described for whoever imports them.
package struct PriceExcess: Error, Equatable, CustomStringConvertible {
    package let description: String

    fileprivate init(_ owner: String, _ what: String, _ count: Int, limit: Int) {
        description = "\(owner) would have \(count) \(what), more than the \(limit) that it may have"
    }
}
