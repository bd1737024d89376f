import JSON
import SeededRandom
import Testing

@testable import Accounting

/// Nothing that an object says is dropped in silence.
@Suite("A count that nobody knows") struct UnreadFieldTests {
    /// Rates for everything that a count may be taken for, so that each count that is used costs something.
    private static let rater = Rater.atList(
        ModelPrices((Meter.named + [.citations]).enumerated().map { .of($1, 1_000_000 + Int64($0), id: Int64($0)) }))

    private static func cost(_ usage: Usage) -> Money? {
        rater.rate(
            usage.quantities, of: nil, on: .test, tier: .standard, region: nil, at: Timestamp(seconds: 10)
        ).cost
    }

    @Test("anywhere in an object never makes its call cheaper without being told", arguments: seeds)
    func told(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            for make in UsageMaker.all {
                let json = make(&random).json
                let more = Self.adding(&random, to: json)
                let (without, with) = (try Usage.read(json), try Usage.read(more, format: nil))
                let isTold = !with.warnings.isEmpty
                #expect(isTold || Self.cost(with).map { $0 > Self.cost(without)! } ?? true, "seed \(seed): \(more)")
            }
            let item = random.pick(RawUsage.all.filter { $0.kept == nil && $0.warnings.isEmpty })
            let more = Self.adding(&random, to: item.json)
            guard let with = try? Usage.read(more) else { continue }
            #expect(!with.warnings.isEmpty, "seed \(seed): \(more)")
        }
    }

    /// Adds a count above 0 under a new name to one of the objects inside, as a number or as digits.
    private static func adding(_ random: inout SplitMix64, to json: String) -> String {
        let places = json.indices.filter { json[$0] == "{" && json[json.index(after: $0)] != "}" }
        let place = json.index(after: random.pick(places))
        let name =
            random.pick(["zz", "billed", "extra", "grounding", "audit"])
            + random.pick(["_tokens", "Units", "Count", "s"])
        let count = 1 + random.anySize(upTo: 1_000_000)
        let value = random.pick([
            "\(count)", "\(count)", "\(count).5", "\"\(count)\"", "[\(count)]", "{\"n\": \(count)}",
        ])
        return json[..<place] + "\"\(name)\": \(value), " + json[place...]
    }

    @Test(
        "of a provider is told where only the result of the AI SDK has it, and a whole that its own object does not reach",
        arguments: [
            (
                #"{"usage":{"inputTokens":9,"outputTokens":1,"cachedInputTokens":4},"providerMetadata":{"anthropic":{"cacheCreationInputTokens":300}}}"#,
                ["/providerMetadata/anthropic/cacheCreationInputTokens"], nil
            ),
            (
                #"{"inputTokens":1000,"outputTokens":100,"cachedInputTokens":400,"raw":{"prompt_tokens":1000}}"#, [],
                100
            ),
            (
                #"{"inputTokens":5,"outputTokens":100,"raw":{"input_tokens":5,"cache_read_input_tokens":400,"output_tokens":100}}"#,
                [], nil
            ),
        ] as [(String, [String], Int64?)])
    func besideTool(json: String, unread: [String], residual: Int64?) throws {
        let warnings = try Usage.read(json, format: nil).warnings
        #expect(warnings.flatMap(\.fields) == unread)
        #expect(warnings.compactMap(\.residualTokens).last == residual)
    }
}
