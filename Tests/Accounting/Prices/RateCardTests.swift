import SeededRandom
import Testing

@testable import Accounting

@Suite("Rating") struct RateCardTests {
    private func quantities(_ lines: [(Meter, Int64)]) -> Quantities {
        var quantities = Quantities()
        for (meter, quantity) in lines { quantities.add(meter, quantity) }
        return quantities
    }

    @Test("sums exactly and rounds once, not per line")
    func roundsOnce() throws {
        // A token costs 0.4 nanodollars. Three lines cost 1.2, rounded 1; rounded line by line they would cost 0.
        let card = try #require(
            ModelPrices([.of(.input, 400_000), .of(.output, 400_000)])
                .card(tier: .standard, contextTokens: 2, at: Timestamp(seconds: 1)))
        let rated = card.rate(quantities([(.input, 1), (.cacheRead, 1), (.output, 1)]))
        #expect(rated.cost == Money(nanodollars: 1))
        #expect(rated.lines.map(\.quantity) == [1, 1, 1])
        #expect(rated.lines.map { $0.rate?.priceID } == [1, 1, 1])
    }

    @Test("finds the rate of every meter, however many a model has")
    func manyMeters() throws {
        let names = (0..<300).map { "a_meter_\($0)" } + ["web_searches"]
        let prices = names.enumerated().map { Price.of(Meter($1), 1_000_000, id: Int64($0)) }
        let card = try #require(
            ModelPrices(prices).card(tier: .standard, contextTokens: 1, at: Timestamp(seconds: 1)))
        for (index, name) in names.enumerated() { #expect(card.rate(for: Meter(name))?.priceID == Int64(index)) }
    }

    @Test("of a meter without a price is unpriced, never 0, and keeps what it knows")
    func unpriced() throws {
        let card = try #require(
            ModelPrices([.of(.input, 1)]).card(tier: .standard, contextTokens: 2, at: Timestamp(seconds: 1)))
        let rated = card.rate(quantities([(.input, 1000), (.webSearches, 1)]))
        #expect(rated.cost == nil)
        #expect(rated.lines.map { $0.rate != nil } == [true, false])
        #expect(RatedCall.unpriced(quantities([(.input, 1)])).cost == nil)
        #expect(RatedCall.unpriced(Quantities()).cost == .zero)
        #expect(card.rate(Quantities()).cost == .zero)
    }

    @Test("of a sum too large for an amount is unpriced rather than wrong")
    func overflow() throws {
        let card = try #require(
            ModelPrices([.of(.input, .max / 2)]).card(tier: .standard, contextTokens: 2, at: Timestamp(seconds: 1)))
        #expect(card.rate(quantities([(.input, Usage.maximumQuantity)])).cost == nil)
    }

    @Test("of a sum differs from the sum of its ratings by half a nanodollar each at most", arguments: seeds)
    func additive(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<60 {
            let model = ModelPrices.random(using: &random)
            let moment = Timestamp(seconds: 50)
            let card = try #require(
                model.card(
                    tier: random.pick(ServiceTier.allCases), contextTokens: random.pick([1, 500_000]), at: moment))
            let entryCount = Int.random(in: 1...20, using: &random)
            var totals: [Meter: Int64] = [:]
            var sum: Int64 = 0
            var previous = Money.zero
            for _ in 0..<entryCount {
                // As much of each meter as is charged at the least: a least makes two calls dearer than one.
                let lines = card.meters.map {
                    ($0, (card.rate(for: $0)?.leastQuantity ?? 0) + random.anySize(upTo: 1_000_000))
                }
                for (meter, quantity) in lines { totals[meter, default: 0] += quantity }
                sum += try #require(card.rate(quantities(lines)).cost).nanodollars
                let whole = try #require(card.rate(quantities(totals.map { ($0.key, $0.value) })).cost)
                #expect(whole >= previous, "seed \(seed): more usage cost less")
                previous = whole
            }
            #expect(abs(previous.nanodollars - sum) * 2 <= Int64(entryCount) + 1, "seed \(seed)")
        }
    }

    @Test("takes the dearest rate an output token can have")
    func dearestOutput() throws {
        let moment = Timestamp(seconds: 1)
        let text = ModelPrices([.of(.input, 1), .of(.output, 4), .of(.reasoning, 3)])
        #expect(text.card(tier: .standard, contextTokens: 1, at: moment)?.dearestOutput?.halfFemtodollarsPerUnit == 8)
        let audio = ModelPrices([.of(.input, 1), .of(.output, 4), .of(.audioOutput, 30)])
        #expect(audio.card(tier: .standard, contextTokens: 1, at: moment)?.dearestOutput?.halfFemtodollarsPerUnit == 60)
        let image = ModelPrices([.of(.input, 1), .of(.output, 4), .of(.imageOutput, 40), .of(.videoOutput, 20)])
        #expect(image.card(tier: .standard, contextTokens: 1, at: moment)?.dearestOutput?.halfFemtodollarsPerUnit == 80)
        let embedding = try #require(ModelPrices([.of(.input, 1)]).card(tier: .standard, contextTokens: 1, at: moment))
        #expect(embedding.dearestOutput == nil)
    }
}
