import JSON
import Testing

@testable import Accounting

@Suite("A provider's usage object") struct RawUsageTests {
    @Test("is told by its field names and split into disjoint meters", arguments: RawUsage.all)
    func splitting(raw: RawUsage) throws {
        let usage = try Usage.read(raw.json)
        #expect(usage.format == raw.format)
        #expect(usage.quantities.table == raw.meters)
        #expect(usage.residualTokens == raw.residual)
        #expect(usage.raw == raw.kept ?? raw.json)
        #expect(usage.providerCost?.nanodollars == raw.costNanodollars)
        #expect(usage.tier == raw.tier && usage.region == raw.region)
        #expect(Set(usage.warnings.map(\.code)) == raw.warnings)
        #expect(usage.warnings.first { $0.code == .unreadFields }?.fields ?? [] == raw.unread)
        #expect(
            usage.quantities.totalTokens
                == raw.meters.filter { Meter.tokenMeters.map(\.name).contains($0.key) }.values
                .reduce(0, +))
    }

    @Test("is read the same when its format is named", arguments: RawUsage.all)
    func named(raw: RawUsage) throws {
        let usage = try Usage.read(raw.json, format: raw.format)
        #expect(usage.quantities.table == raw.meters && usage.residualTokens == raw.residual)
        #expect(usage.raw == raw.kept ?? raw.json)
    }

    @Test("of a tool whose format is named is read by the tool's words, not by the object inside it")
    func namedTool() throws {
        let json =
            #"{"inputTokens": 1000, "inputTokenDetails": {"cacheReadTokens": 600}, "outputTokens": 50, "raw": {"prompt_tokens": 1}}"#
        #expect(
            try Usage.read(json, format: .vercel).quantities.table == [
                "input_tokens": 400, "cache_read_tokens": 600, "output_tokens": 50,
            ])
    }

    @Test("that is empty is a call that used nothing, in every format", arguments: UsageFormat.allCases)
    func empty(format: UsageFormat) throws {
        let usage = try Usage.read("{}", format: format)
        #expect(usage.quantities.lines.isEmpty && usage.residualTokens == 0)
        #expect(try Usage.read("{}").format == .purser)
    }

    @Test("keeps unknown keys in its own text, and means the same with them", arguments: RawUsage.all)
    func unknownKeys(raw: RawUsage) throws {
        let more =
            #"{"x_new": {"deep": [1, "ü\n"]}, "x_note": "1.5", "#.replacing("\n", with: "") + raw.json.dropFirst()
        let usage = try Usage.read(more)
        #expect(usage.raw == raw.kept ?? more)
        #expect(usage.quantities.table == raw.meters)
        let unread = usage.warnings.first { $0.code == .unreadFields }?.fields ?? []
        #expect(unread == (raw.kept == nil ? ["x_new/deep/0"] : []) + raw.unread)
    }

    @Test(
        "with a count that is none is refused where it stands",
        arguments: [
            (#"{"prompt_tokens": -1}"#, "/usage/prompt_tokens"), (#"{"prompt_tokens": "7a"}"#, "/usage/prompt_tokens"),
            (#"{"prompt_tokens": 7.5}"#, "/usage/prompt_tokens"), (#"{"prompt_tokens": "7."}"#, "/usage/prompt_tokens"),
            (#"{"prompt_tokens": "-7"}"#, "/usage/prompt_tokens"), (#"{"prompt_tokens": ""}"#, "/usage/prompt_tokens"),
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
            (#"{"response": {"usage": {"prompt_tokens": 1.5}}}"#, "/usage/response/usage/prompt_tokens"),
            (
                #"{"usage": {"input_tokens": 1, "total_tokens": 1}, "tool_usage": {"web_search": {"num_requests": "two"}}}"#,
                "/usage/tool_usage/web_search/num_requests"
            ),
            (
                #"{"input_token_details": {"cached_tokens_details": {"audio_tokens": -1}}}"#,
                "/usage/input_token_details/cached_tokens_details/audio_tokens"
            ),
            (
                #"{"message_start": {"message": {"usage": {"input_tokens": "x"}}}, "message_delta": {"output_tokens": 1}}"#,
                "/usage/message_start/message/usage/input_tokens"
            ),
            (
                #"{"cache_read_input_tokens": 1, "iterations": [{}, {"type": "compaction", "cache_creation": {"ephemeral_1h_input_tokens": []}}]}"#,
                "/usage/iterations/1/cache_creation/ephemeral_1h_input_tokens"
            ),
            (
                #"{"total_input_tokens": 1, "grounding_tool_count": [{"type": "google_search", "count": 0.5}]}"#,
                "/usage/grounding_tool_count/0/count"
            ),
            (#"{"billed_units": {"input_tokens": 5.5}}"#, "/usage/billed_units/input_tokens"),
            (#"{"billed_units": {"output_tokens": "five"}}"#, "/usage/billed_units/output_tokens"),
            (#"{"billed_units": {"search_units": -1}}"#, "/usage/billed_units/search_units"),
            (#"{"type": "duration", "seconds": 1e300}"#, "/usage/seconds"),
            // Each of the two is a permitted quantity, but their sum is not.
            (#"{"input": 1000000000000, "input_text": 1, "output": 1}"#, "/usage"),
            // An object that states no usage is refused. It does not mean that the call used nothing.
            (#"{"cost_in_usd_ticks": 200000000}"#, "/usage"),
        ] as [(String, String)])
    func refused(json: String, pointer: String) throws {
        let error = try #require(throws: JSONFailure.self) { try Usage.read(json) }
        guard case .invalid(let errors) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(errors.map(\.pointer) == [pointer])
    }

    @Test(
        "that has none of its format's fields is refused",
        arguments: UsageFormat.allCases.filter { $0 != .purser },
        [#"{"foo": 1}"#, #"{"usage": null, "metadata": {}}"#, #"{"usage": {}}"#, #"{"choices": [], "usage": null}"#])
    func nothingKnown(format: UsageFormat, json: String) {
        let detail = "has no field of a usage object of \(format.rawValue)"
        #expect(throws: JSONFailure.invalid([FieldError(pointer: "/usage", detail: detail)])) {
            try Usage.read(json, format: format)
        }
        #expect(throws: JSONFailure.self) { try Usage.read(json) }
    }

    @Test(
        "costs what it says only where that is an amount in USD",
        arguments: [
            (#""cost": "0.5""#, nil), (#""cost": null"#, nil), (#""cost": -1"#, nil), (#""cost": 1e10"#, nil),
            (#""cost": {}"#, nil), (#""cost": {"total_cost": 1}"#, 1_000_000_000),
            (#""cost": 1e9"#, 1_000_000_000_000_000_000),
            (#""cost": 1e400"#, nil), (#""cost": 1e-400"#, 0), (#""cost_in_usd_ticks": 15"#, 2),
            (#""cost_in_usd_ticks": 25"#, 2), (#""cost_in_usd_ticks": "15", "cost": 1"#, nil),
        ] as [(String, Int64?)])
    func cost(field: String, nanodollars: Int64?) throws {
        #expect(try Usage.read("{\"prompt_tokens\": 1, \(field)}").providerCost?.nanodollars == nanodollars)
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
