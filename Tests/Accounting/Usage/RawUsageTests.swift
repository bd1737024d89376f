import JSON
import Testing

@testable import Accounting

@Suite("A provider's usage object") struct RawUsageTests {
    static let all = RawUsage.openAI + RawUsage.anthropic + RawUsage.gemini + RawUsage.bedrock

    @Test("is told by its field names and split into disjoint meters", arguments: all)
    func splitting(raw: RawUsage) throws {
        let usage = try Usage.read(raw.json)
        #expect(usage.format == raw.format)
        #expect(usage.quantities.table == raw.meters)
        #expect(usage.residualTokens == raw.residual)
        #expect(usage.raw == raw.json)
        #expect(usage.quantities.totalTokens == raw.meters.filter { $0.key.hasSuffix("_tokens") }.values.reduce(0, +))
    }

    @Test("is read the same when its format is named", arguments: all)
    func named(raw: RawUsage) throws {
        #expect(try Usage.read(raw.json, format: raw.format).quantities == Usage.read(raw.json).quantities)
    }

    @Test("that is empty is a call that used nothing, in every format", arguments: UsageFormat.allCases)
    func empty(format: UsageFormat) throws {
        let usage = try Usage.read("{}", format: format)
        #expect(usage.quantities.lines.isEmpty && usage.residualTokens == 0)
        #expect(try Usage.read("{}").format == .purser)
    }

    @Test("keeps unknown keys in its own text, and means the same with them", arguments: all)
    func unknownKeys(raw: RawUsage) throws {
        let more =
            #"{"x_new": {"deep": [1, "ü\n"]}, "cost_usd": 1.5, "#.replacing("\n", with: "") + raw.json.dropFirst()
        let usage = try Usage.read(more)
        #expect(usage.raw == more)
        #expect(usage.quantities.table == raw.meters)
    }

    @Test(
        "with a count that is none is refused where it stands",
        arguments: [
            (#"{"prompt_tokens": -1}"#, "/usage/prompt_tokens"), (#"{"prompt_tokens": "7"}"#, "/usage/prompt_tokens"),
            (#"{"prompt_tokens": 7.5}"#, "/usage/prompt_tokens"), (#"{"prompt_tokens": 1e3}"#, "/usage/prompt_tokens"),
            (#"{"prompt_tokens": 1, "completion_tokens": 1000000000001}"#, "/usage/completion_tokens"),
            (#"{"prompt_tokens": 99999999999999999999}"#, "/usage/prompt_tokens"),
            (
                #"{"prompt_tokens": 1, "prompt_tokens_details": {"cached_tokens": true}}"#,
                "/usage/prompt_tokens_details/cached_tokens"
            ),
            (
                #"{"input_tokens": 1, "input_tokens_details": {"cached_tokens": []}}"#,
                "/usage/input_tokens_details/cached_tokens"
            ),
            (
                #"{"cache_creation": {"ephemeral_1h_input_tokens": -5}}"#,
                "/usage/cache_creation/ephemeral_1h_input_tokens"
            ),
            (
                #"{"promptTokenCount": 1, "promptTokensDetails": [{"modality": "TEXT"}, {"modality": "AUDIO", "tokenCount": "x"}]}"#,
                "/usage/promptTokensDetails/1/tokenCount"
            ),
            (
                #"{"inputTokens": 1, "cacheDetails": [{"ttl": "1h", "inputTokens": 0.1}]}"#,
                "/usage/cacheDetails/0/inputTokens"
            ),
        ] as [(String, String)])
    func refused(json: String, pointer: String) throws {
        let error = try #require(throws: JSONFailure.self) { try Usage.read(json) }
        guard case .invalid(let errors) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(errors.map(\.pointer) == [pointer])
    }

    @Test("must be an object", arguments: ["[]", "7", "null", "\"usage\""])
    func notAnObject(json: String) {
        #expect(throws: JSONFailure.invalid([FieldError(pointer: "/usage", detail: "must be an object")])) {
            try Usage.read(json)
        }
    }

    @Test(
        "means the same by bare input and output tokens in every format that has them",
        arguments: [
            UsageFormat.purser, .openAIResponses, .anthropic,
        ])
    func bare(format: UsageFormat) throws {
        let usage = try Usage.read(#"{"input_tokens": 12, "output_tokens": 3}"#, format: format)
        #expect(usage.quantities.table == ["input_tokens": 12, "output_tokens": 3])
    }
}
