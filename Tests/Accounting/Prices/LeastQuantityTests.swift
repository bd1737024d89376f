import SeededRandom
import Testing

@testable import Accounting

@Suite("A least quantity") struct LeastQuantityTests {
    private static let moment = Timestamp(seconds: 1000)
    /// In nanodollars: 1,000 a second, at least 10 of them; 5,000 an image.
    private static let whisper = ModelPrices([
        .of(.audioInputSeconds, 1_000_000_000, id: 1, least: 10), .of(.images, 5_000_000_000, id: 2),
    ])

    private static func quantities(_ lines: [(meter: Meter, quantity: Int64, passTokens: Int64)]) -> Quantities {
        Quantities(
            stored: lines.map { Quantities.Line(meter: $0.meter, quantity: $0.quantity, passTokens: $0.passTokens) })
    }

    private static func rate(
        _ quantities: Quantities, on model: ModelPrices, under rates: [Price] = [], at moment: Timestamp = moment
    ) -> RatedCall {
        let book = PriceBook(models: [model])
        return Rater(prices: book, agreements: agreements(rates, book)).rate(
            quantities, of: "t", on: model.name, tier: .standard, region: nil, at: moment)
    }

    private static func agreements(_ rates: [Price], _ book: PriceBook) -> AgreementBook {
        guard !rates.isEmpty else { return .empty }
        let agreement = Agreement(
            id: 1, name: "a", provider: "maker", model: "m", terms: .rates(rates), validFrom: Timestamp(seconds: 0))
        return AgreementBook([agreement], prices: book)
    }

    @Test(
        "is what a call is charged for that uses less of the meter, and nothing to one that uses none",
        arguments: [(0, 0), (1, 10), (9, 10), (10, 10), (11, 11)])
    func billed(seconds: Int64, billed: Int64) {
        var quantities = Quantities()
        quantities.add(.audioInputSeconds, seconds)
        quantities.add(.images, 1)
        let rated = Self.rate(quantities, on: Self.whisper)
        #expect(rated.cost == Money(nanodollars: billed * 1000 + 5000))
        #expect(rated.lines.map(\.quantity) == (seconds > 0 ? [seconds, 1] : [1]))
        #expect(rated.lines.map(\.billedQuantity) == (billed > 0 ? [billed, 1] : [1]))
    }

    @Test("is one for the call, not for each of its passes; what is missing is billed with the first")
    func passes() {
        let rated = Self.rate(
            Self.quantities([(.audioInputSeconds, 3, 100), (.images, 1, 100), (.audioInputSeconds, 4, 200)]),
            on: Self.whisper)
        #expect(rated.lines.map(\.billedQuantity) == [6, 1, 4])
        #expect(rated.cost == Money(nanodollars: 15_000))
        let enough = Self.rate(
            Self.quantities([(.audioInputSeconds, 6, 100), (.audioInputSeconds, 6, 200)]), on: Self.whisper)
        #expect(enough.lines.map(\.billedQuantity) == [6, 6])
    }

    @Test(
        "of the list is that of an agreed rate too, unless the rate has one of its own",
        arguments: [(nil, 10), (1, 3), (4, 4), (20, 20)] as [(Int64?, Int64)])
    func agreed(own: Int64?, billed: Int64) {
        let rates = [Price.of(.audioInputSeconds, 100_000_000, id: 9, least: own)]
        let rated = Self.rate(Self.quantities([(.audioInputSeconds, 3, 0)]), on: Self.whisper, under: rates)
        #expect(rated.cost == Money(nanodollars: billed * 100) && rated.listCost == Money(nanodollars: 10_000))
        #expect(rated.agreedLines?.map(\.billedQuantity) == [billed])
        let book = PriceBook(models: [Self.whisper])
        let held = Estimate.worstCase(
            of: Self.call([(.audioInputSeconds, 3)]), on: Self.whisper, under: Self.agreements(rates, book),
            at: Self.moment)
        #expect(held?.cost == rated.cost)
    }

    @Test("is paid at an agreement's share, like the rest") func shared() {
        let half = Agreement(
            id: 1, name: "half", terms: .share(Fraction(millionths: 500_000)), validFrom: Timestamp(seconds: 0))
        let book = PriceBook(models: [Self.whisper])
        let rated = Rater(prices: book, agreements: AgreementBook([half], prices: book)).rate(
            Self.quantities([(.audioInputSeconds, 3, 0)]), of: nil, on: .test, tier: .standard, region: nil,
            at: Self.moment)
        #expect(rated.cost == Money(nanodollars: 5000))
    }

    private static func call(_ bounds: [(Meter, Int64)], input: Int64 = 0, holdSeconds: Int64 = 600) -> Call {
        Call(
            requestID: "r", who: Attribution(team: "t"), model: "m", inputTokens: input, maxOutputTokens: 0,
            bounds: bounds.map { Quantities.Line(meter: $0.0, quantity: $0.1) }, holdSeconds: holdSeconds)
    }

    @Test(
        "is held for a call that may use any of the meter",
        arguments: [(0, 0), (1, 10), (3, 10), (10, 10), (12, 12)] as [(Int64, Int64)])
    func held(bound: Int64, held: Int64) {
        let estimate = Estimate.worstCase(
            of: Self.call([(.audioInputSeconds, bound)]), on: Self.whisper, at: Self.moment)
        #expect(estimate?.cost == Money(nanodollars: held * 1000))
    }

    private static let seeds: [UInt64] = Array(1...20)

    @Test("never makes a call cheaper, and changes nothing of one that uses as much", arguments: seeds)
    func property(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var (raised, same) = (0, 0)
        for _ in 0..<300 {
            let leasts = [random.leastQuantity(of: .images), random.leastQuantity(of: .webSearches)]
            let rates = [random.anySize(upTo: 1_000_000_000), random.anySize(upTo: 1_000_000_000)]
            let meters = [Meter.images, .webSearches]
            func model(_ leasts: [Int64?]) -> ModelPrices {
                ModelPrices(
                    meters.indices.map { .of(meters[$0], rates[$0] * 1_000_000, id: Int64($0), least: leasts[$0]) })
            }
            var lines: [(Meter, Int64, Int64)] = []
            for meter in meters where random.chance(percent: 70) {
                for pass in 1...Int64.random(in: 1...3, using: &random) {
                    lines.append((meter, random.anySize(upTo: 1000) + 1, pass))
                }
            }
            let quantities = Self.quantities(lines)
            let (with, without) = (
                try #require(Self.rate(quantities, on: model(leasts)).cost),
                try #require(Self.rate(quantities, on: model([nil, nil])).cost)
            )
            #expect(with >= without, "seed \(seed)")
            if lines.isEmpty { #expect(with == .zero) }
            let isEnough = meters.indices.allSatisfy { index in
                [0...0, (leasts[index] ?? 0)...Int64.max].contains { $0.contains(quantities.of(meters[index])) }
            }
            if isEnough { #expect(with == without, "seed \(seed)") }
            if with > without { raised += 1 } else { same += 1 }
        }
        #expect(raised > 20 && same > 20)
    }

    @Test("is never more than what is held, whatever the list and an agreement say of it and when", arguments: seeds)
    func covered(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var raised = 0
        for _ in 0..<300 {
            // The list's least changes with its rows; an agreed rate may depend on the prompt.
            var list = [
                Price.of(.input, 1, id: 1),
                .of(.images, 2_000_000, id: 2, least: random.leastQuantity(of: .images)),
            ]
            for id in 3...Int64.random(in: 3...5, using: &random) {
                list.append(
                    .of(
                        .images, random.anySize(upTo: 1_000_000) * 1_000_000, id: id,
                        least: random.leastQuantity(of: .images), from: Int64.random(in: 900...1700, using: &random)))
            }
            var rates: [Price] = []
            for above in [0, 100, 200] as [Int64] where random.chance(percent: above == 0 ? 60 : 30) {
                guard above == 0 || !rates.isEmpty else { continue }
                rates.append(
                    .of(
                        .images, random.anySize(upTo: 1_000_000) * 1_000_000, id: 10 + above, above: above,
                        least: random.leastQuantity(of: .images)))
            }
            let model = ModelPrices(list)
            let book = PriceBook(models: [model])
            let bound = random.anySize(upTo: 1000) + 1
            let held = try #require(
                Estimate.worstCase(
                    of: Self.call([(.images, bound)], input: 300), on: model, under: Self.agreements(rates, book),
                    at: Self.moment)?.cost)
            for _ in 0..<5 {
                var lines: [(Meter, Int64, Int64)] = []
                var left = bound
                for pass in [50, 150, 250] as [Int64] where left > 0 && random.chance(percent: 60) {
                    let some = Int64.random(in: 1...left, using: &random)
                    lines.append((.images, some, pass))
                    left -= some
                }
                let later = Self.moment.adding(seconds: Int64.random(in: 0...600, using: &random))
                let rated = Self.rate(Self.quantities(lines), on: model, under: rates, at: later)
                #expect(try #require(rated.cost) <= held, "seed \(seed): \(lines) of \(bound) under \(rates)")
                raised += (rated.agreedLines ?? rated.lines).count { $0.billedQuantity > $0.quantity }
            }
        }
        #expect(raised > 50)
    }
}
