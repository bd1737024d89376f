import SeededRandom
import Testing

@testable import Accounting

@Suite("The prices of a model") struct ModelPricesTests {
    private func rate(
        _ prices: [Price], _ meter: Meter, _ tier: ServiceTier = .standard, context: Int64 = 1, at seconds: Int64 = 1000
    ) -> Int64? {
        ModelPrices(prices).card(tier: tier, contextTokens: context, at: Timestamp(seconds: seconds))?.rate(for: meter)?
            .halfFemtodollarsPerUnit
    }

    @Test(
        "fall back from a part to its whole",
        arguments: [
            (.cacheRead, 20), (.cacheWrite, 20), (.cacheWrite1h, 20), (.audioInput, 20), (.imageInput, 20),
            (.reasoning, 80), (.cacheReadAudio, 20), (.cacheReadImage, 20), (.cacheWriteAudio, 20),
            (.cacheWrite12h, 20), (.videoInput, 20), (.audioOutput, nil), (.imageOutput, nil), (.videoOutput, nil),
            (.webSearches, nil),
        ] as [(Meter, Int64?)])
    func parents(meter: Meter, halves: Int64?) {
        #expect(rate([.of(.input, 10), .of(.output, 40)], meter) == halves)
    }

    @Test("of kinds of cache fall back to the cache they are kinds of first")
    func grandparent() {
        #expect(rate([.of(.input, 10), .of(.cacheRead, 1)], .cacheReadAudio) == 2)
        #expect(rate([.of(.input, 10), .of(.cacheRead, 1)], .cacheReadImage) == 2)
        #expect(rate([.of(.input, 10), .of(.cacheWrite, 12)], .cacheWriteAudio) == 24)
        #expect(rate([.of(.input, 10), .of(.cacheWrite, 12)], .cacheWrite12h) == 24)
        #expect(rate([.of(.input, 10), .of(.cacheWrite, 12), .of(.cacheWrite1h, 20)], .cacheWrite12h) == 40)
        #expect(rate([.of(.input, 10), .of(.cacheWrite, 12)], .cacheWrite1h) == 24)
        #expect(rate([.of(.input, 10), .of(.cacheWrite, 12), .of(.cacheWrite1h, 20)], .cacheWrite1h) == 40)
    }

    @Test(
        "of a tier fall back to standard, and of batch to half of it",
        arguments: [
            (.standard, 20), (.flex, 20), (.priority, 20), (.fast, 20), (.ultrafast, 20), (.batch, 10),
        ] as [(ServiceTier, Int64)])
    func tiers(tier: ServiceTier, halves: Int64) {
        #expect(rate([.of(.input, 10)], .input, tier) == halves)
        // The tier's own rate wins. A batch rate of its own is not halved again.
        #expect(rate([.of(.input, 10), .of(.input, 7, tier: tier, from: 1)], .input, tier) == 14)
        // Half of an odd price keeps its half femtodollar.
        if tier == .batch { #expect(rate([.of(.input, 3)], .input, tier) == 3) }
    }

    @Test("take a meter's own standard rate before its parent's in the tier")
    func ownBeforeParent() {
        let prices: [Price] = [
            .of(.input, 10), .of(.cacheRead, 1), .of(.input, 30, tier: .priority), .of(.input, 4, tier: .batch),
        ]
        #expect(rate(prices, .cacheRead, .priority) == 2)
        #expect(rate(prices, .input, .fast) == 60 && rate(prices, .cacheWrite, .fast) == 60)
        #expect(rate(prices, .input, .ultrafast) == 20)
        #expect(rate(prices, .cacheRead, .batch) == 1)
        #expect(rate(prices, .cacheWrite, .priority) == 60)
        #expect(rate(prices, .cacheWrite, .batch) == 8)
    }

    @Test(
        "above a threshold hold for the whole prompt, strictly above it",
        arguments: [
            (0, 20, 80), (1, 20, 80), (200_000, 20, 80), (200_001, 40, 120), (5_000_000, 40, 120),
        ] as [(Int64, Int64, Int64)])
    func thresholds(context: Int64, input: Int64, output: Int64) {
        let prices: [Price] = [
            .of(.input, 10), .of(.output, 40), .of(.input, 20, above: 200_000), .of(.output, 60, above: 200_000),
        ]
        #expect(rate(prices, .input, context: context) == input)
        #expect(rate(prices, .output, context: context) == output)
        #expect(rate(prices, .input, .batch, context: context) == input / 2)
        // Over the threshold, a part without a rate of its own costs the rate of its whole.
        #expect(rate(prices, .cacheRead, context: context) == input)
    }

    @Test("of a tier for shorter prompts say nothing of longer ones: those cost what the tier makes of standard")
    func tierBelowThreshold() {
        let prices: [Price] = [
            .of(.input, 10), .of(.input, 30, above: 200_000), .of(.input, 4, tier: .flex), .of(.input, 6, tier: .batch),
            .of(.input, 14, tier: .priority), .of(.input, 40, tier: .priority, above: 200_000),
        ]
        #expect(rate(prices, .input, .flex, context: 200_000) == 8)
        #expect(rate(prices, .input, .flex, context: 200_001) == 60)
        #expect(rate(prices, .input, .batch, context: 200_000) == 12)
        #expect(rate(prices, .input, .batch, context: 200_001) == 30)
        #expect(rate(prices, .input, .priority, context: 200_001) == 80)
    }

    @Test(
        "hold from their first moment to right before their end",
        arguments: [
            (99, nil), (100, 20), (199, 20), (200, 40), (299, 40), (300, nil), (399, nil), (400, 60), (1_000_000, 60),
        ] as [(Int64, Int64?)])
    func dates(seconds: Int64, halves: Int64?) {
        let prices: [Price] = [
            .of(.input, 30, from: 400), .of(.input, 10, from: 100, until: 200), .of(.input, 20, from: 200, until: 300),
        ]
        #expect(rate(prices, .input, at: seconds) == halves)
    }

    @Test("to a later moment come from the row that began last")
    func successor() {
        #expect(rate([.of(.input, 10, from: 0), .of(.input, 11, from: 500)], .input, at: 499) == 20)
        #expect(rate([.of(.input, 10, from: 0), .of(.input, 11, from: 500)], .input, at: 500) == 22)
    }

    @Test(
        "that begin together at one place are all put right by the newest, its end included",
        arguments: [(99, 4), (100, 14), (499, 14), (500, 4), (899, 4), (900, 18)] as [(Int64, Int64)])
    func putRight(seconds: Int64, halves: Int64) {
        let prices: [Price] = [
            .of(.input, 2, id: 1, from: 0), .of(.input, 10, id: 2, from: 100),
            .of(.input, 7, id: 5, from: 100, until: 500),
            .of(.input, 8, id: 3, from: 900, until: 950), .of(.input, 9, id: 4, from: 900),
        ]
        #expect(rate(prices, .input, at: seconds) == halves)
        #expect(rate(prices.reversed(), .input, at: seconds) == halves)
    }

    @Test("are put right at their own place alone")
    func putRightAtOnePlace() {
        let ended = Price.of(.input, 7, id: 9, from: 0, until: 500)
        let others: [Price] = [
            .of(.input, 10, id: 1, above: 5), .of(.input, 11, id: 2, tier: .flex), .of(.input, 12, id: 3, region: "eu"),
            .of(.input, 13, id: 4, from: 1), .of(.output, 14, id: 5),
        ]
        for other in others {
            let card = ModelPrices([other, ended]).card(
                tier: other.tier, region: other.region, contextTokens: 6, at: Timestamp(seconds: 600))
            #expect(card?.rate(for: other.meter)?.priceID == other.id)
        }
    }

    private static let weekend = WeeklyHours(text: "sat-sun 00:00-24:00")
    private static let morning = WeeklyHours(text: "mon-sun 00:00-06:00")

    @Test("of a call's region go before those for everywhere, and other regions have those") func regions() {
        let prices: [Price] = [
            .of(.input, 10), .of(.input, 11, region: "eu"), .of(.input, 20, above: 100), .of(.output, 40),
            .of(.input, 30, tier: .priority),
        ]
        func input(_ region: String?, _ context: Int64, _ tier: ServiceTier = .standard) -> Int64? {
            ModelPrices(prices).card(tier: tier, region: region, contextTokens: context, at: Timestamp(seconds: 1))?
                .rate(for: .input)?.halfFemtodollarsPerUnit
        }
        #expect(input(nil, 1) == 20 && input("mars", 1) == 20 && input("eu", 1) == 22)
        // A region's price holds for prompts of every size there, but each tier has its own: the priority price stays,
        // and batch is half of the region's standard price.
        #expect(input(nil, 101) == 40 && input("mars", 101) == 40 && input("eu", 101) == 22)
        #expect(input("eu", 1, .priority) == 60 && input("eu", 1, .batch) == 11)
    }

    @Test(
        "of some hours go before those for always while they last",
        arguments: [
            // 2026-11-20 is a Friday, 2026-11-21 a Saturday, 2026-11-23 a Monday.
            ("2026-11-20T05:59:59Z", 4), ("2026-11-20T06:00:00Z", 10), ("2026-11-21T05:00:00Z", 6),
            ("2026-11-21T12:00:00Z", 6), ("2026-11-23T00:00:00Z", 4),
        ] as [(String, Int64)])
    func hours(moment: String, femtodollars: Int64) throws {
        let prices: [Price] = [
            .of(.input, 10), .of(.input, 4, id: 2, hours: Self.morning), .of(.input, 6, id: 3, hours: Self.weekend),
        ]
        let card = ModelPrices(prices).card(
            tier: .standard, contextTokens: 1, at: try #require(Timestamp(rfc3339: moment)))
        #expect(card?.rate(for: .input)?.halfFemtodollarsPerUnit == femtodollars * 2)
    }

    /// The prices that no newer row with the same meter, rate dimensions and start supersedes.
    private func counting(_ prices: [Price]) -> [Price] {
        prices.filter { price in
            !prices.contains { other in
                other.id > price.id && other.validFrom == price.validFrom && other.meter == price.meter
                    && other.tier == price.tier && other.aboveContextTokens == price.aboveContextTokens
                    && other.region == price.region && other.hours == price.hours
            }
        }
    }

    /// The same rule once more, without rate cards. The tier's own price goes first, then the standard price, then the
    /// price of the parent meter. Among each of these, the region's price goes first, then a price with hours, then the
    /// highest threshold.
    private func slowRate(
        _ prices: [Price], _ meter: Meter, _ tier: ServiceTier, _ region: String?, _ context: Int64, _ at: Timestamp
    ) -> Int64? {
        func order(_ price: Price) -> (Int, Int, Int64, Timestamp, Int64) {
            let closeness = (price.region == nil ? 0 : 1, price.hours == nil ? 0 : 1)
            return (closeness.0, closeness.1, price.aboveContextTokens, price.validFrom, price.id)
        }
        func best(_ meter: Meter, _ tier: ServiceTier) -> Price? {
            prices.filter { price in
                price.meter == meter && price.tier == tier && price.isValid(at: at)
                    && (price.aboveContextTokens == 0 || price.aboveContextTokens < context)
                    && (price.region == nil || price.region == region) && price.hours?.contains(at) ?? true
            }.max { order($0) < order($1) }
        }
        var current: Meter? = meter
        while let meter = current {
            let standard = best(meter, .standard)
            for own in [best(meter, tier), tier == .fast ? best(meter, .priority) : nil].compactMap(\.self) {
                let isLonger =
                    standard.map {
                        $0.region == own.region && $0.hours == own.hours
                            && $0.aboveContextTokens > own.aboveContextTokens
                    } ?? false
                if !isLonger { return own.femtodollarsPerUnit * 2 }
            }
            if let standard { return standard.femtodollarsPerUnit * (tier == .batch ? 1 : 2) }
            current = meter.parent
        }
        return nil
    }

    @Test("are those that a slow search of all rows finds", arguments: seeds)
    func search(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<40 {
            let model = ModelPrices.random(using: &random)
            let prices = counting(model.prices)
            for _ in 0..<20 {
                let tier = random.pick(ServiceTier.allCases)
                let context = random.pick([0, 1, 128_000, 128_001, 200_000, 200_001, 900_000] as [Int64])
                let moment = Timestamp(
                    seconds: Int64.random(in: 0...15, using: &random) * 100 - (random.chance(percent: 30) ? 1 : 0))
                let region = random.pick([nil, "eu", "mars"])
                let card = model.card(tier: tier, region: region, contextTokens: context, at: moment)
                for meter in Meter.named {
                    #expect(
                        card?.rate(for: meter)?.halfFemtodollarsPerUnit
                            == slowRate(prices, meter, tier, region, context, moment),
                        "seed \(seed): \(meter) \(tier) \(region ?? "") \(context) \(moment)")
                }
            }
        }
    }

    @Test("are compiled of as many meters as there are, and the named ones found among them")
    func manyMeters() {
        let names = (0..<40_000).map { "a_meter_\($0)" } + ["web_searches", "x_searches"]
        let prices = names.enumerated().map { Price.of(Meter($1), 1, id: Int64($0)) }
        let card = ModelPrices(prices).card(tier: .standard, contextTokens: 1, at: Timestamp(seconds: 1))
        #expect(card?.rate(for: .webSearches)?.priceID == 40_000)
        #expect(card?.rate(for: .xSearches)?.priceID == 40_001)
        #expect(card?.rate(for: Meter("a_meter_7"))?.priceID == 7)
    }

    @Test("may change every day for ten years")
    func manyDates() {
        let prices = (0..<Int64(3650)).map { (day: Int64) -> Price in
            .of(day % 2 == 0 ? .input : .output, day, id: day, from: day * 100)
        }
        let model = ModelPrices(prices)
        for day in [1, 2, 1825, 3649] as [Int64] {
            let card = model.card(tier: .standard, contextTokens: 1, at: Timestamp(seconds: day * 100 + 99))
            #expect(card?.rate(for: day % 2 == 0 ? .input : .output)?.priceID == day)
            #expect(card?.rate(for: day % 2 == 0 ? .output : .input)?.priceID == day - 1)
        }
    }

    @Test("are the same whatever order their rows come in", arguments: seeds)
    func order(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<25 {
            let model = ModelPrices.random(using: &random)
            let shuffled = ModelPrices(model.prices.shuffled(using: &random))
            for tier in ServiceTier.allCases {
                let moment = Timestamp(seconds: Int64.random(in: 0...1500, using: &random))
                #expect(
                    model.card(tier: tier, contextTokens: 300_000, at: moment)?.ratesByMeter
                        == shuffled.card(tier: tier, contextTokens: 300_000, at: moment)?.ratesByMeter, "seed \(seed)")
            }
        }
    }
}
