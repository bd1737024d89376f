import SeededRandom

@testable import Accounting

extension ModelName {
    static let test = ModelName(provider: "maker", model: "m")
}

extension Price {
    /// A price in femtodollars a unit, valid from 1970 unless said otherwise.
    static func of(
        _ meter: Meter, _ femtodollars: Int64, id: Int64 = 1, model: ModelName = .test, tier: ServiceTier = .standard,
        above: Int64 = 0, region: String? = nil, hours: WeeklyHours? = nil, least: Int64? = nil, from: Int64 = 0,
        until: Int64? = nil
    ) -> Price {
        Price(
            id: id, model: model, meter: meter, tier: tier, aboveContextTokens: above, region: region,
            hours: hours, femtodollarsPerUnit: femtodollars, leastQuantity: least, validFrom: Timestamp(seconds: from),
            validUntil: until.map(Timestamp.init(seconds:)))
    }
}

extension ModelPrices {
    convenience init(_ prices: [Price], name: ModelName = .test, maximumOutputTokens: Int64? = nil) {
        self.init(name: name, maximumOutputTokens: maximumOutputTokens, prices: prices)
    }

    /// Random prices for some meters of some tiers, with thresholds, regions, hours, later prices, gaps in time and
    /// superseded rows, some of pieces with a least quantity. The plain input and output always have a price.
    static func random(using random: inout SplitMix64) -> ModelPrices {
        // These two rows begin before all others, so no other row supersedes them.
        var prices = [Price.of(.input, random.anySize(upTo: 100_000_000_000), id: 1, from: -1)]
        prices.append(.of(.output, random.anySize(upTo: 100_000_000_000), id: 2, from: -1))
        let hours = [WeeklyHours.random(using: &random), .random(using: &random)]
        for meter in Meter.tokenMeters + [.webSearches, .images] where random.chance(percent: 60) {
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let from = Int64.random(in: 0...9, using: &random) * 100
                let until = random.chance(percent: 50) ? from + Int64.random(in: 1...5, using: &random) * 100 : nil
                prices.append(
                    .of(
                        meter, random.anySize(upTo: 100_000_000_000), id: Int64(prices.count + 1),
                        tier: random.pick(ServiceTier.allCases), above: random.pick([0, 0, 0, 128_000, 200_000]),
                        region: random.pick([nil, nil, nil, "eu", "us"]),
                        hours: random.chance(percent: 20) ? random.pick(hours) : nil,
                        least: random.leastQuantity(of: meter), from: from, until: until))
                if random.chance(percent: 25) { prices.append(random.correction(of: prices.dropFirst(2))) }
            }
        }
        return ModelPrices(prices)
    }
}

extension SplitMix64 {
    mutating func leastQuantity(of meter: Meter) -> Int64? {
        Meter.tokenMeters.contains(meter) || chance(percent: 40) ? nil : anySize(upTo: 1000) + 1
    }

    /// A row that supersedes one of `prices`: with another price, another end, or both.
    fileprivate mutating func correction(of prices: ArraySlice<Price>) -> Price {
        let wrong = prices.randomElement(using: &self)!
        let from = wrong.validFrom.seconds
        return .of(
            wrong.meter, chance(percent: 50) ? wrong.femtodollarsPerUnit : anySize(upTo: 100_000_000_000),
            id: Int64(prices.endIndex + 1), tier: wrong.tier, above: wrong.aboveContextTokens, region: wrong.region,
            hours: wrong.hours, least: leastQuantity(of: wrong.meter), from: from,
            until: chance(percent: 50) ? from + Int64.random(in: 1...5, using: &self) * 100 : nil)
    }
}

extension RateCard {
    var ratesByMeter: [Meter: Rate] { Dictionary(uniqueKeysWithValues: meters.map { ($0, rate(for: $0)!) }) }
}
