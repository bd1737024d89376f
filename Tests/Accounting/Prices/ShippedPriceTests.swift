import SeededRandom
import ShippedPrices
import Testing

@testable import Accounting

@Suite("Every model of the shipped price book") struct ShippedPriceTests {
    private static let models = Result {
        try ShippedPrices().book.models.values.sorted { $0.name < $1.name }
    }
    /// Moments on a Wednesday and a Saturday: at a provider's peak, off peak, and right before a peak begins or ends.
    private static let moments = [
        "2026-11-18T00:55:00Z", "2026-11-18T03:55:00Z", "2026-11-18T02:00:00Z", "2026-11-18T05:30:00Z",
        "2026-11-18T10:00:00Z", "2026-11-21T02:00:00Z",
    ].map { Timestamp(rfc3339: $0)! }
    private static let roundsAModel = 4

    /// The moments at which any price of a model begins or ends, and the seconds before them.
    private static func changes(of model: ModelPrices) -> [Timestamp] {
        let ends = model.prices.flatMap { [$0.validFrom] + ($0.validUntil.map { [$0] } ?? []) }
        return Set(ends).sorted().flatMap { [$0.adding(seconds: -1), $0] }
    }

    /// The tier, region, time and prompt size of a call of the model, at random.
    private struct Circumstances: CustomStringConvertible {
        let model: ModelPrices
        let tier: ServiceTier
        let region: String?
        let moment: Timestamp
        /// In half of the cases at a threshold, otherwise of any size.
        let contextTokens: Int64

        init(_ model: ModelPrices, at moment: Timestamp? = nil, _ random: inout SplitMix64) {
            self.model = model
            tier = random.pick(ServiceTier.allCases)
            region = random.pick([nil, "elsewhere"] + Set(model.prices.compactMap(\.region)).sorted())
            self.moment = moment ?? random.pick(ShippedPriceTests.moments)
            let threshold = random.pick(model.prices.map(\.aboveContextTokens))
            contextTokens =
                random.chance(percent: 50)
                ? max(1, threshold + Int64.random(in: -1...1, using: &random)) : 1 + random.anySize(upTo: 3_000_000)
        }

        func card(contextTokens: Int64, secondsLater: Int64 = 0) -> RateCard? {
            model.card(
                tier: tier, region: region, contextTokens: contextTokens, at: moment.adding(seconds: secondsLater))
        }

        var card: RateCard? { card(contextTokens: contextTokens) }

        var description: String { "\(model.name) \(tier) \(region ?? "-") \(moment) \(contextTokens)" }
    }

    /// Runs `body` a few times for each model, and whenever a price of it changes.
    private func forAll(_ seed: UInt64, _ body: (Circumstances, inout SplitMix64) -> Void) throws {
        var random = SplitMix64(seed: seed)
        for model in try Self.models.get() {
            for _ in 0..<Self.roundsAModel { body(Circumstances(model, &random), &random) }
            for moment in Self.changes(of: model) { body(Circumstances(model, at: moment, &random), &random) }
        }
    }

    /// Of models whose output without details is not text, the details are always there: with them the rest is text.
    /// Of meters with a least quantity there is as much.
    private func quantities(_ card: RateCard, _ random: inout SplitMix64) -> Quantities {
        let isDetailed = card.rate(for: .undetailedOutput) != nil
        var quantities = Quantities()
        for meter in card.meters where meter != .undetailedOutput {
            let isNeeded = isDetailed && meter.isOutputMedium
            guard isNeeded || random.chance(percent: 60) else { continue }
            let least = isNeeded ? 1 : card.rate(for: meter)?.leastQuantity ?? 0
            quantities.add(meter, least + random.anySize(upTo: 10_000_000))
        }
        return quantities
    }

    private func sum(_ parts: [Quantities], _ card: RateCard) -> Quantities {
        var sum = Quantities()
        for meter in card.meters { sum.add(meter, parts.reduce(0) { $0 + $1.of(meter) }) }
        return sum
    }

    private func cost(_ quantities: Quantities, _ card: RateCard) -> Int64? { card.rate(quantities).cost?.nanodollars }

    @Test("a sum of usages costs the sum of what they cost, within the rounding of each", arguments: seeds)
    func costOfASum(seed: UInt64) throws {
        try forAll(seed) { circumstances, random in
            guard let card = circumstances.card else { return }
            let parts = (0..<Int.random(in: 1...4, using: &random)).map { _ in quantities(card, &random) }
            guard let whole = cost(sum(parts, card), card), let each = try? parts.map({ try #require(cost($0, card)) })
            else {
                Issue.record("unpriced: \(circumstances)")
                return
            }
            // Rounding moves each cost by up to half a nanodollar: that of each part, and that of the sum.
            let difference = abs(whole - each.reduce(0, +))
            #expect(difference * 2 <= Int64(parts.count) + 1, "\(circumstances): \(parts)")
        }
    }

    @Test("more of anything never costs less within a tier and a threshold", arguments: seeds)
    func moreCostsNoLess(seed: UInt64) throws {
        try forAll(seed) { circumstances, random in
            guard let card = circumstances.card else { return }
            let less = quantities(card, &random)
            let more = sum([less, quantities(card, &random)], card)
            guard let low = cost(less, card), let high = cost(more, card) else {
                Issue.record("unpriced: \(circumstances)")
                return
            }
            #expect(low <= high, "\(circumstances): \(less) and \(more)")
        }
    }

    /// A declared call, and a usage within the declaration: no more tokens than declared, and no more uncached input
    /// tokens than declared.
    private func declaration(
        _ circumstances: Circumstances, _ random: inout SplitMix64
    ) -> (call: Call, usage: Quantities) {
        let input = random.chance(percent: 10) ? 0 : circumstances.contextTokens
        let cached = random.chance(percent: 50) ? Int64.random(in: 0...input, using: &random) : 0
        let output = random.anySize(upTo: 200_000)
        let meters = circumstances.card?.meters ?? []
        let bounded = meters.filter { ![.input, .cacheRead, .output].contains($0) && random.chance(percent: 40) }
        let bounds = bounded.map { Quantities.Line(meter: $0, quantity: random.anySize(upTo: input + 1000)) }

        // A smaller prompt than declared may fall under another threshold.
        var fresh = random.chance(percent: 50) ? input - cached : Int64.random(in: 0...input - cached, using: &random)
        var usage = Quantities()
        var parts: [Meter: Int64] = [
            .cacheRead: random.chance(percent: 50) ? cached : Int64.random(in: 0...cached, using: &random)
        ]
        for bound in bounds where Meter.inputParts.contains(bound.meter) {
            parts[bound.meter, default: 0] += Int64.random(in: 0...min(fresh, bound.quantity), using: &random)
            fresh -= parts[bound.meter]!
        }
        if !bounds.contains(where: \.meter.isCacheWrite) {
            for write in [Meter.cacheWrite1h, .cacheWrite] where random.chance(percent: 50) {
                parts[write] = Int64.random(in: 0...fresh, using: &random)
                fresh -= parts[write]!
            }
        }
        parts[.input] = fresh
        // No model puts out more than its own maximum, whatever the call allows.
        let most = min(output, circumstances.model.maximumOutputTokens ?? output)
        var answer = random.chance(percent: 50) ? most : Int64.random(in: 0...most, using: &random)
        for meter in Meter.outputParts where meters.contains(meter) && random.chance(percent: 50) {
            parts[meter] = Int64.random(in: 0...answer, using: &random)
            answer -= parts[meter]!
        }
        parts[.output] = meters.contains(.output) ? answer : 0
        for bound in bounds where !Meter.tokenMeters.contains(bound.meter) {
            parts[bound.meter] = Int64.random(in: 0...bound.quantity, using: &random)
        }
        for (meter, quantity) in parts.sorted(by: { $0.key.name < $1.key.name }) { usage.add(meter, quantity) }
        let call = Call(
            requestID: "r", who: Attribution(team: "t"), model: circumstances.model.name.model,
            tier: circumstances.tier, region: circumstances.region, inputTokens: input, cachedInputTokens: cached,
            maxOutputTokens: output, bounds: bounds)
        return (call, usage)
    }

    @Test("a hold is never below the cost of a usage inside what was declared, whenever it is made", arguments: seeds)
    func holdCoversUsage(seed: UInt64) throws {
        var checked = 0
        try forAll(seed) { circumstances, random in
            let (call, usage) = declaration(circumstances, &random)
            guard let hold = Estimate.worstCase(of: call, on: circumstances.model, at: circumstances.moment)?.cost
            else { return }
            let later = Int64.random(in: 0...call.holdSeconds, using: &random)
            guard let card = circumstances.card(contextTokens: usage.inputTokens, secondsLater: later),
                let cost = cost(usage, card)
            else {
                Issue.record("a hold for what has no price: \(circumstances): \(call), \(usage)")
                return
            }
            checked += 1
            #expect(hold.nanodollars >= cost, "\(circumstances), made \(later) s later: \(call), \(usage)")
        }
        // Some models have no price for the plain tokens that most of these calls declare.
        let all = try Self.models.get().count * Self.roundsAModel
        #expect(checked * 4 > all * 3, "\(checked) of \(all) could be checked")
    }

    @Test("together have a tenth of the rates at most that a server takes, and so has each")
    func isFarFromLimits() throws {
        let counts = try Self.models.get().map { try PriceLimits.rateCount(of: $0.name, $0.prices) }
        let (all, largest) = (counts.reduce(0, +), counts.max()!)
        #expect(all * 10 <= PriceLimits.ratesOfTheBook, "\(all)")
        #expect(largest * 10 <= PriceLimits.ratesOfAModel, "\(largest)")
    }
}
