import SeededRandom
import Testing

@testable import Accounting

@Suite("The worst case of a call") struct EstimateTests {
    private static let moment = Timestamp(seconds: 1000)
    /// In nanodollars: 3,000 an input token, 300 a cached token, 3,750 a token written to the cache, 6,000 a token
    /// written for an hour, 15,000 an output token, 10,000,000 a search.
    private static let sonnet = ModelPrices(
        [
            .of(.input, 3_000_000_000), .of(.cacheRead, 300_000_000), .of(.cacheWrite, 3_750_000_000),
            .of(.cacheWrite1h, 6_000_000_000), .of(.output, 15_000_000_000), .of(.webSearches, 10_000_000_000_000),
            .of(.input, 6_000_000_000, above: 200_000), .of(.output, 22_500_000_000, above: 200_000),
        ], maximumOutputTokens: 64_000)

    /// A call that writes to no cache, unless `bounds` says so or `mayWrite` is set.
    private static func call(
        _ input: Int64, cached: Int64 = 0, output: Int64? = 0, tier: ServiceTier = .standard, region: String? = nil,
        holdSeconds: Int64 = 600, mayWrite: Bool = false, _ bounds: [(Meter, Int64)] = []
    ) -> Call {
        let isSaid = mayWrite || bounds.contains { $0.0 == .cacheWrite }
        return Call(
            requestID: "r", who: Attribution(team: "t"), model: "m", tier: tier, region: region, inputTokens: input,
            cachedInputTokens: cached, maxOutputTokens: output,
            bounds: (bounds + (isSaid ? [] : [(.cacheWrite, 0)])).map { Quantities.Line(meter: $0.0, quantity: $0.1) },
            holdSeconds: holdSeconds)
    }

    /// In nanodollars: all, and the prompt alone.
    @Test(
        "says what of it is the prompt's: what is cached, written or of a dearer part included, and nothing else",
        arguments: [
            (call(1200, output: 400), 9_600_000, 3_600_000), (call(1200, cached: 1000), 900_000, 900_000),
            (call(1200, output: 400, [(.cacheWrite1h, 1000)]), 12_600_000, 6_600_000),
            (call(0, output: 10, [(.webSearches, 3)]), 30_150_000, 0),
        ] as [(Call, Int64, Int64)])
    func input(call: Call, nanodollars: Int64, inputNanodollars: Int64) throws {
        let estimate = try #require(Estimate.worstCase(of: call, on: Self.sonnet, at: Self.moment))
        #expect(estimate.cost == Money(nanodollars: nanodollars))
        #expect(estimate.inputCost == Money(nanodollars: inputNanodollars))
    }

    @Test(
        "is exact",
        arguments: [
            (call(0), 0, 0), (call(1200, output: 400), 9_600_000, 1600),
            // A call without a maximum of its own has the model's: 64,000 output tokens at 15,000.
            (call(1000, output: nil), 963_000_000, 65_000),
            // 1,000 tokens at 300 and 200 at 3,000.
            (call(1200, cached: 1000), 900_000, 1200), (call(1200, output: 400, tier: .batch), 4_800_000, 1600),
            // 1,000 tokens at 6,000 and the other 200 at 3,000.
            (call(1200, [(.cacheWrite1h, 1000)]), 6_600_000, 1200),
            // The dearest tokens come first: 1,000 at 6,000. The remaining 200, out of the bound of 500, cost 3,750.
            (call(1200, [(.cacheWrite, 500), (.cacheWrite1h, 1000)]), 6_750_000, 1200),
            // Tokens known to be cached are not written: 200 at 300, the other 1,000 at 6,000.
            (call(1200, cached: 200, [(.cacheWrite1h, 5000)]), 6_060_000, 1200),
            (call(0, [(.webSearches, 3)]), 30_000_000, 0), (call(0, output: 10, [(.reasoning, 10)]), 150_000, 10),
            // Over the threshold, all tokens cost more.
            (call(200_000, output: 1), 600_015_000, 200_001), (call(200_001, output: 1), 1_200_028_500, 200_002),
        ] as [(Call, Int64, Int64)])
    func exact(call: Call, nanodollars: Int64, tokens: Int64) throws {
        let estimate = try #require(Estimate.worstCase(of: call, on: Self.sonnet, at: Self.moment))
        #expect(estimate.cost == Money(nanodollars: nanodollars))
        #expect(estimate.tokens == tokens)
        #expect(estimate.amount(in: .usd) == nanodollars)
        #expect(estimate.amount(in: .tokens) == tokens)
        #expect(estimate.amount(in: .calls) == 1)
    }

    @Test(
        "takes fresh input at the dearest of what it may become, unless the call says what it may not",
        arguments: [
            // Written for an hour, which costs 6,000 a token.
            (call(1000, mayWrite: true), 6_000_000),
            // What the call says of one kind of write, it says of all: those that it does not name are none.
            (call(1000, mayWrite: true, [(.cacheWrite, 0)]), 3_000_000),
            (call(1000, mayWrite: true, [(.cacheWrite1h, 0)]), 3_000_000),
            (call(1000, mayWrite: true, [(.cacheWrite1h, 100)]), 3_300_000),
            (call(1000, mayWrite: true, [(.cacheWrite, 1000), (.cacheWrite1h, 100)]), 3_975_000),
            // Other bounds say nothing of writes.
            (call(1000, mayWrite: true, [(.reasoning, 0)]), 6_000_000),
            // What is known to be cached is not written.
            (call(1000, cached: 900, mayWrite: true), 870_000),
            // Batch tokens cost half, writes too.
            (call(1000, tier: .batch, mayWrite: true), 3_000_000),
        ] as [(Call, Int64)])
    func writes(call: Call, nanodollars: Int64) {
        #expect(
            Estimate.worstCase(of: call, on: Self.sonnet, at: Self.moment)?.cost == Money(nanodollars: nanodollars))
    }

    /// In nanodollars a token: 100 input, 200 written, 500 audio, 900 written audio.
    private static let audio = ModelPrices([
        .of(.input, 100_000_000), .of(.cacheWrite, 200_000_000), .of(.audioInput, 500_000_000),
        .of(.cacheWriteAudio, 900_000_000),
    ])

    @Test(
        "takes audio at the rate for writing audio only where the call has audio",
        arguments: [
            (call(10, mayWrite: true), 2000), (call(10, mayWrite: true, [(.audioInput, 1)]), 2700),
            (call(10, mayWrite: true, [(.audioInput, 1), (.cacheWriteAudio, 0)]), 1400),
            (call(10, mayWrite: true, [(.audioInput, 1), (.cacheWriteAudio, 1)]), 2200),
            (call(10, [(.audioInput, 1)]), 1400),
        ] as [(Call, Int64)])
    func audioWrites(call: Call, nanodollars: Int64) {
        #expect(
            Estimate.worstCase(of: call, on: Self.audio, at: Self.moment)?.cost == Money(nanodollars: nanodollars))
    }

    @Test("never holds more output than the model can put out")
    func maximumOutput() {
        for (output, tokens) in [(nil, 64_010), (64_001, 64_010), (1_000_000, 64_010), (63_999, 64_009)]
            as [(Int64?, Int64)]
        {
            let estimate = Estimate.worstCase(of: Self.call(10, output: output), on: Self.sonnet, at: Self.moment)
            #expect(estimate?.tokens == tokens)
            #expect(estimate?.cost == Money(nanodollars: 30_000 + (tokens - 10) * 15_000))
        }
    }

    @Test("has no bound of tokens where neither price nor call says one")
    func unboundedTokens() {
        let later = ModelPrices([.of(.input, 1, from: 5000), .of(.output, 1, from: 5000)])
        for model in [nil, later] {
            let estimate = Estimate.worstCase(of: Self.call(5, output: nil), on: model, at: Self.moment)
            #expect(estimate == Estimate(cost: nil, inputCost: nil, tokens: nil))
            #expect(estimate?.amount(in: .tokens) == nil && estimate?.amount(in: .calls) == 1)
        }
    }

    /// In nanodollars a token: 600 input, 60 cached, 300 cached audio, 10,000 other audio.
    private static let speech = ModelPrices([
        .of(.input, 600_000_000), .of(.cacheRead, 60_000_000), .of(.cacheReadAudio, 300_000_000),
        .of(.audioInput, 10_000_000_000),
    ])

    @Test(
        "counts what is dear in the cache in place of what is known to be cached",
        arguments: [
            // 500 tokens are cached at 60 and 500 cost 600. 200 of the cached ones cost 300 instead.
            ([(.cacheReadAudio, 200)], 378_000),
            // All 500 cached tokens count as audio, and no more: an uncached token costs more as plain input than as
            // cached audio.
            ([(.cacheReadAudio, 800)], 450_000),
            // In addition, 100 of the uncached tokens cost 10,000.
            ([(.audioInput, 100), (.cacheReadAudio, 800)], 1_390_000),
            // Cached images have no rate of their own, so they cost the cached rate.
            ([(.cacheReadImage, 800)], 330_000),
        ] as [([(Meter, Int64)], Int64)])
    func dearCache(bounds: [(Meter, Int64)], nanodollars: Int64) {
        let call = Self.call(1000, cached: 500, bounds)
        #expect(
            Estimate.worstCase(of: call, on: Self.speech, at: Self.moment)?.cost == Money(nanodollars: nanodollars))
    }

    @Test("counts a smaller prompt too, where that would cost more")
    func cheaperAbove() throws {
        let model = ModelPrices([.of(.input, 4_000_000_000), .of(.output, 0), .of(.input, 1_000_000_000, above: 1000)])
        let estimate = try #require(Estimate.worstCase(of: Self.call(2000), on: model, at: Self.moment))
        #expect(try #require(estimate.cost).nanodollars >= 1000 * 4000)
    }

    @Test("is rounded up, so that no cost rounded to even exceeds it")
    func roundsUp() {
        let model = ModelPrices([.of(.input, 1), .of(.output, 1)])
        #expect(Estimate.worstCase(of: Self.call(1), on: model, at: Self.moment)?.cost == Money(nanodollars: 1))
    }

    @Test("is not known without a price, but its tokens are")
    func unpriced() {
        let inputOnly = ModelPrices([.of(.input, 1)])
        let later = ModelPrices([.of(.input, 1, from: 5000), .of(.output, 1, from: 5000)])
        for (model, call) in [
            (nil, Self.call(5, output: 2)), (inputOnly, Self.call(5, output: 2)), (later, Self.call(5, output: 2)),
            (Self.sonnet, Self.call(5, output: 2, [(.images, 1)])),
            (Self.sonnet, Self.call(5, output: 2, [(.audioOutput, 1)])),
        ] as [(ModelPrices?, Call)] {
            #expect(
                Estimate.worstCase(of: call, on: model, at: Self.moment)
                    == Estimate(cost: nil, inputCost: nil, tokens: 7))
        }
        // A bound of 0 says that the call has no images.
        #expect(Estimate.worstCase(of: Self.call(5, [(.images, 0)]), on: Self.sonnet, at: Self.moment)?.cost != nil)
    }

    /// Costs in nanodollars for 1,000 tokens. The call is authorized one second after 1970 began, on a Thursday.
    @Test(
        "is that of the dearest moment until the hold expires",
        arguments: [
            // The price rises at 500 s. A hold until 500 s covers the rise, a hold until 499 s does not.
            ([.of(.input, 1_000_000), .of(.input, 2_000_000, id: 2, from: 500)], 499, 2000),
            ([.of(.input, 1_000_000), .of(.input, 2_000_000, id: 2, from: 500)], 498, 1000),
            // The price falls later, so the price at the start counts.
            ([.of(.input, 2_000_000), .of(.input, 1_000_000, id: 2, from: 500)], 600, 2000),
            // The call costs more for a while within the hold, after the end of an offer, and at some hours.
            ([.of(.input, 1_000_000), .of(.input, 3_000_000, id: 2, from: 100, until: 200)], 600, 3000),
            ([.of(.input, 3_000_000), .of(.input, 1_000_000, id: 2, from: 1, until: 200)], 600, 3000),
            ([.of(.input, 1_000_000), .of(.input, 5_000_000, id: 2, hours: hours("thu 00:08-00:09"))], 478, 1000),
            ([.of(.input, 1_000_000), .of(.input, 5_000_000, id: 2, hours: hours("thu 00:08-00:09"))], 479, 5000),
            ([.of(.input, 5_000_000), .of(.input, 1_000_000, id: 2, hours: hours("thu 00:00-00:09"))], 538, 1000),
            ([.of(.input, 5_000_000), .of(.input, 1_000_000, id: 2, hours: hours("thu 00:00-00:09"))], 539, 5000),
            // The cheap hours end at 540 s and a higher price begins at 560 s. The call costs most after both.
            (
                [
                    .of(.input, 5_000_000), .of(.input, 1_000_000, id: 2, hours: hours("thu 00:00-00:09")),
                    .of(.input, 7_000_000, id: 3, from: 560),
                ], 600, 7000
            ),
            ([.of(.input, 1_000_000, until: 700)], 600, 1000),
        ] as [([Price], Int64, Int64)])
    func span(prices: [Price], holdSeconds: Int64, nanodollars: Int64) {
        let estimate = Estimate.worstCase(
            of: Self.call(1000, holdSeconds: holdSeconds), on: ModelPrices(prices), at: Timestamp(seconds: 1))
        let cost = Money(nanodollars: nanodollars)
        #expect(estimate == Estimate(cost: cost, inputCost: cost, tokens: 1000))
    }

    private static func hours(_ text: String) -> WeeklyHours { WeeklyHours(text: text)! }

    @Test("is not known where at some moment until the hold expires nobody knows it")
    func gaps() {
        for prices in [
            [.of(.input, 1, from: 1100)], [.of(.input, 1, until: 1600)],
            [.of(.input, 1, until: 1100), .of(.input, 1, id: 2, from: 1101)],
        ] as [[Price]] {
            let estimate = Estimate.worstCase(of: Self.call(5), on: ModelPrices(prices), at: Self.moment)
            #expect(estimate == Estimate(cost: nil, inputCost: nil, tokens: 5))
        }
        let known = ModelPrices([.of(.input, 1, until: 1601)])
        #expect(Estimate.worstCase(of: Self.call(5), on: known, at: Self.moment)?.cost == Money(nanodollars: 1))
    }

    @Test("has no bound where neither the call nor the model has a maximum, and needs none without output")
    func unbounded() {
        let endless = ModelPrices([.of(.input, 1), .of(.output, 1)])
        #expect(Estimate.worstCase(of: Self.call(5, output: nil), on: endless, at: Self.moment) == nil)
        let embedding = ModelPrices([.of(.input, 2_000_000)])
        #expect(Estimate.worstCase(of: Self.call(5, output: nil), on: embedding, at: Self.moment)?.tokens == 5)
    }

    @Test("is never less than what any usage inside it costs", arguments: seeds)
    func bounds(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var (compared, changed) = (0, 0)
        for _ in 0..<60 {
            let model = ModelPrices.random(using: &random)
            for _ in 0..<25 {
                // Price rows begin and end in the first minutes, and hours change all week.
                let week: Int64 = random.chance(percent: 50) ? 1500 : 7 * 86_400
                let moment = Timestamp(seconds: Int64.random(in: 0...week, using: &random))
                let holdSeconds = random.pick([1, 60, 600, 3600] as [Int64])
                let tier = random.pick(ServiceTier.allCases)
                let input = random.pick([0, random.anySize(upTo: 500_000), 128_001, 200_001])
                let call = Self.call(
                    input, cached: random.chance(percent: 50) ? Int64.random(in: 0...input, using: &random) : 0,
                    output: random.anySize(upTo: 50_000), tier: tier, region: random.pick([nil, "eu", "mars"]),
                    holdSeconds: holdSeconds, mayWrite: random.chance(percent: 50),
                    (Meter.inputParts.filter { $0 != .cacheRead } + [.webSearches, .images])
                        .filter { _ in random.chance(percent: 40) }.map { ($0, random.anySize(upTo: 300_000)) })
                guard let estimate = Estimate.worstCase(of: call, on: model, at: moment)?.cost else { continue }
                for _ in 0..<4 {
                    let later = Int64.random(in: 0...holdSeconds, using: &random)
                    let made = moment.adding(seconds: later)
                    let usage = Self.usage(inside: call, of: model, at: made, using: &random)
                    let card = model.card(tier: tier, region: call.region, contextTokens: usage.inputTokens, at: made)
                    let cost = try #require(card?.rate(usage).cost, "seed \(seed): \(usage) of \(call)")
                    #expect(cost <= estimate, "seed \(seed): \(usage) of \(call) \(later) s after \(moment)")
                    compared += 1
                    let before = model.card(
                        tier: tier, region: call.region, contextTokens: usage.inputTokens, at: moment)
                    if card?.ratesByMeter != before?.ratesByMeter { changed += 1 }
                }
            }
        }
        #expect(compared > 1000)
        #expect(changed > 200)
    }

    /// Some usage within what the call declared. It often uses all of a bound, or all of the output.
    private static func usage(
        inside call: Call, of model: ModelPrices, at moment: Timestamp, using random: inout SplitMix64
    ) -> Quantities {
        func some(of amount: Int64) -> Int64 {
            random.chance(percent: 40) ? amount : Int64.random(in: 0...amount, using: &random)
        }
        var quantities = Quantities()
        var fresh = some(of: call.inputTokens - call.cachedInputTokens)
        var known = some(of: call.cachedInputTokens)
        for bound in call.bounds.shuffled(using: &random) {
            var quantity = some(of: bound.quantity)
            if bound.meter.parent == .cacheRead {
                // One part was known to be cached, another part turned out to be.
                let ofKnown = min(some(of: quantity), known)
                let ofFresh = min(quantity - ofKnown, fresh)
                (known, fresh, quantity) = (known - ofKnown, fresh - ofFresh, ofKnown + ofFresh)
            } else if bound.meter.isOfInput {
                quantity = min(quantity, fresh)
                fresh -= quantity
            }
            quantities.add(bound.meter, quantity)
        }
        if !call.bounds.contains(where: \.meter.isCacheWrite) {
            for write in [Meter.cacheWrite1h, .cacheWrite, .cacheWrite12h] {
                let quantity = some(of: fresh)
                quantities.add(write, quantity)
                fresh -= quantity
            }
        }
        quantities.add(.cacheRead, known)
        quantities.add(.input, fresh)
        var output = some(of: call.maxOutputTokens ?? 0)
        let served = model.card(
            tier: call.tier, region: call.region, contextTokens: max(1, quantities.inputTokens), at: moment)
        for part in Meter.outputParts where served?.rate(for: part) != nil {
            let quantity = some(of: output)
            quantities.add(part, quantity)
            output -= quantity
        }
        quantities.add(.output, output)
        return quantities
    }
}
