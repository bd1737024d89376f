import Testing

@testable import Accounting

/// What whole objects cost, worked out by hand. Rates are in USD on a million tokens, or on one of anything else.
@Suite("The cost of a usage object") struct UsageCostTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let json: String
        let rates: [Meter: Double]
        /// By meter, above 200,000 tokens of the prompt.
        var above: [Meter: Double] = [:]
        /// In nanodollars; nil where the call must be unpriced.
        let cost: Int64?

        var testDescription: String { name }

        var model: ModelPrices {
            func price(_ meter: Meter, _ rate: Double, above: Int64) -> Price {
                // A rate on a million tokens in USD has at most three places, so it is a whole number of femtodollars.
                let femtodollars = Int64((rate * (meter.name.hasSuffix("_tokens") ? 1e9 : 1e15)).rounded())
                return .of(meter, femtodollars, id: Int64(meter.name.count) * 1000 + above, above: above)
            }
            return ModelPrices(
                rates.map { price($0, $1, above: 0) } + above.map { price($0, $1, above: 200_000) })
        }
    }

    private static let claude: [Meter: Double] = [
        .input: 3, .output: 15, .cacheRead: 0.3, .cacheWrite: 3.75, .cacheWrite1h: 6,
    ]
    private static let image: [Meter: Double] = [
        .input: 5, .imageInput: 8, .output: 10, .imageOutput: 32, .undetailedOutput: 32,
    ]

    static let cases: [Case] = [
        Case(
            name: "a total of embeddings is the prompt", json: #"{"total_tokens": 1000000}"#, rates: [.input: 0.18],
            cost: 180_000_000),
        Case(
            name: "a total of a model that answers is not split by a guess", json: #"{"total_tokens": 1000000}"#,
            rates: [.input: 0.18, .output: 0.5], cost: nil),
        // 108 × 2 + 3256 × 8 + 7299 × 2 + 73248 × 3 = 260,606 on a million, and 74 × 0.005.
        Case(
            name: "research",
            json: """
                {"prompt_tokens":108,"completion_tokens":3256,"total_tokens":3364,"citation_tokens":7299,"num_search_queries":74,"reasoning_tokens":73248}
                """,
            rates: [.input: 2, .output: 8, .citations: 2, .reasoning: 3, .webSearches: 0.005], cost: 630_606_000),
        // 22 × 5 + 1372 × 32 = 44,014.
        Case(
            name: "an image without details",
            json: #"{"input_tokens": 22, "output_tokens": 1372, "total_tokens": 1394}"#,
            rates: image, cost: 44_014_000),
        // 10 × 5 + 40 × 8 + 50 × 32 + 10 × 10 = 2070.
        Case(
            name: "an image with details",
            json: """
                {"input_tokens":50,"input_tokens_details":{"text_tokens":10,"image_tokens":40},"output_tokens":60,"output_tokens_details":{"image_tokens":50,"text_tokens":10},"total_tokens":110}
                """,
            rates: image, cost: 2_070_000),
        // 14 × 0.6 + 101 × 12 = 1220.4.
        Case(
            name: "speech without details", json: #"{"input_tokens": 14, "output_tokens": 101, "total_tokens": 115}"#,
            rates: [.input: 0.6, .output: 10, .audioOutput: 12, .undetailedOutput: 12], cost: 1_220_400),
        // 140,000 × 0.125 + 10,000 × 1.25 = 30,000; no part takes the prompt above 200,000.
        Case(
            name: "parts that overlap",
            json: """
                {"promptTokenCount":150000,"cachedContentTokenCount":140000,"promptTokensDetails":[{"modality":"TEXT","tokenCount":50000},{"modality":"VIDEO","tokenCount":100000}]}
                """,
            rates: [.input: 1.25, .cacheRead: 0.125], above: [.input: 2.5, .cacheRead: 0.25], cost: 30_000_000),
        // 5 × 3 + 4735 × 3.75 + 255 × 15 = 21,596.25.
        Case(
            name: "the AI SDK 6",
            json: """
                {"inputTokens":4740,"inputTokenDetails":{"noCacheTokens":5,"cacheReadTokens":0,"cacheWriteTokens":4735},"outputTokens":255}
                """,
            rates: claude, cost: 21_596_250),
        // (120,000 + 150,000) × 3 + (500 + 40) × 15: neither pass is above 200,000.
        Case(
            name: "two passes, each below the threshold",
            json: """
                {"iterations": [{"type": "compaction", "input_tokens": 150000, "output_tokens": 500}, {"type": "message", "input_tokens": 120000, "output_tokens": 40}]}
                """,
            rates: claude, above: [.input: 6, .output: 22.5], cost: 818_100_000),
        // 210,000 × 6 + 500 × 22.5 above, 1000 × 3 + 40 × 15 below.
        Case(
            name: "two passes, one above the threshold",
            json: """
                {"input_tokens": 1000, "output_tokens": 40, "iterations": [{"type": "compaction", "input_tokens": 210000, "output_tokens": 500},
                 {"type": "message", "input_tokens": 1000, "output_tokens": 40}]}
                """,
            rates: claude, above: [.input: 6, .output: 22.5], cost: 1_274_850_000),
        // 1000 × 6 + 500 × 3.75 + 40 × 3 + 20000 × 0.3 + 700 × 15 = 24,495.
        Case(
            name: "LangChain's two kinds of writes",
            json: """
                {"input_tokens": 21540, "output_tokens": 700, "total_tokens": 22240, "input_token_details": {"cache_read": 20000, "cache_creation": 0, "ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 1000}}
                """,
            rates: claude, cost: 24_495_000),
        Case(
            name: "nulls", json: #"{"prompt_tokens": null, "completion_tokens": null, "total_tokens": null}"#,
            rates: claude, cost: nil),
        Case(
            name: "half a stream", json: #"{"message_delta": {"output_tokens": 15}}"#, rates: claude, cost: nil),
        Case(
            name: "one search by its size",
            json:
                #"{"prompt_tokens": 24, "completion_tokens": 2681, "total_tokens": 2705, "search_context_size": "low"}"#,
            rates: [.input: 3, .output: 15, Meter("web_searches_low"): 0.006], cost: 46_287_000),
    ]

    @Test("is what its provider charges", arguments: cases)
    func cost(of item: Case) throws {
        let rater = Rater.atList(item.model)
        let usage = try Usage.read(item.json)
        let rated = rater.rate(
            usage.quantities, of: nil, on: .test, tier: usage.tier(authorized: .standard), region: nil,
            at: Timestamp(seconds: 10))
        #expect(rated.cost?.nanodollars == item.cost)
    }

    /// A call without a price stays so until somebody says what it cost, however the price book changes.
    @Test("that leaves out its counts is unpriced at any price")
    func unreported() throws {
        let usage = try Usage.read(#"{"prompt_tokens": 5, "completion_tokens": null}"#)
        let everything = ModelPrices(
            Meter.named.filter { $0 != .unreported }.enumerated().map { .of($1, 1000, id: Int64($0)) })
        let rater = Rater.atList(everything)
        func cost(_ rater: Rater) -> Money? {
            rater.rate(
                usage.quantities, of: nil, on: .test, tier: .standard, region: nil, at: Timestamp(seconds: 10)
            ).cost
        }
        #expect(cost(rater) == nil)
        let said = ModelPrices(everything.prices + [.of(.unreported, 0, id: 99)])
        #expect(cost(.atList(said)) != nil)
    }
}
