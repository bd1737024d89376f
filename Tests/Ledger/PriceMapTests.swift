import Accounting
import JSON
import Ledger
import Testing

@Suite("The price map of litellm")
struct PriceMapTests {
    private static let today = CalendarDay(text: "2026-11-21")!

    private func parse(_ text: String) throws(JSONFailure) -> PriceMap {
        try PriceMap.parse(Array(text.utf8), today: Self.today)
    }

    /// The map of one entry: a chat model of OpenAI's, unless `fields` say otherwise.
    private func parse(
        entry fields: String, name: String = "m", provider: String = "openai", mode: String = "chat"
    ) throws(JSONFailure) -> PriceMap {
        try parse(#"{"\#(name)": {"litellm_provider": "\#(provider)", "mode": "\#(mode)", \#(fields)}}"#)
    }

    private static let plain = #""input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06"#

    /// `tier meter above femtodollars`, sorted.
    private func lines(_ map: PriceMap) throws -> [String] {
        try #require(map.files.first?.models.first).prices.map {
            let above = $0.aboveContextTokens == 0 ? "" : " >\($0.aboveContextTokens)"
            return "\($0.serviceTier) \($0.meter)\(above) \($0.femtodollarsPerUnit)"
        }.sorted()
    }

    @Test(
        "an entry becomes these lines",
        arguments: [
            (
                "chat", #""input_cost_per_token": 2.5e-06, "output_cost_per_token": 0.00001"#,
                ["standard input_tokens 2500000000", "standard output_tokens 10000000000"]
            ),
            (
                "chat",
                #"""
                "input_cost_per_token": 5e-06, "output_cost_per_token": 2.5E-5, "cache_read_input_token_cost": 5e-07,
                "cache_creation_input_token_cost": 6.25e-06, "cache_creation_input_token_cost_above_1hr": 1e-05
                """#,
                [
                    "standard cache_read_tokens 500000000", "standard cache_write_1h_tokens 10000000000",
                    "standard cache_write_tokens 6250000000", "standard input_tokens 5000000000",
                    "standard output_tokens 25000000000",
                ]
            ),
            (
                "responses",
                #"""
                "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06, "input_cost_per_token_batches": 4e-07,
                "output_cost_per_token_flex": 15e-7, "input_cost_per_token_priority": 1.75e-06
                """#,
                [
                    "batch input_tokens 400000000", "flex output_tokens 1500000000", "priority input_tokens 1750000000",
                    "standard input_tokens 1000000000", "standard output_tokens 2000000000",
                ]
            ),
            (
                "chat",
                #"""
                "input_cost_per_token": 1.25e-06, "output_cost_per_token": 1e-05,
                "input_cost_per_token_above_200k_tokens": 2.5e-06, "output_cost_per_token_above_200k_tokens": 1.5e-05,
                "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 5e-06,
                "output_cost_per_token_above_272k_tokens_priority": 3e-05
                """#,
                [
                    "priority output_tokens >272000 30000000000", "standard cache_write_1h_tokens >200000 5000000000",
                    "standard input_tokens 1250000000", "standard input_tokens >200000 2500000000",
                    "standard output_tokens 10000000000", "standard output_tokens >200000 15000000000",
                ]
            ),
            (
                "chat",
                #"""
                "input_cost_per_token": 3e-07, "output_cost_per_token": 2.5e-06, "input_cost_per_audio_token": 1e-06,
                "input_cost_per_image_token": 3e-07, "output_cost_per_reasoning_token": 2.5e-06,
                "output_cost_per_audio_token": 12e-6, "cache_read_input_token_cost": 0
                """#,
                [
                    "standard audio_input_tokens 1000000000", "standard audio_output_tokens 12000000000",
                    "standard input_tokens 300000000", "standard output_tokens 2500000000",
                ]
            ),
            (
                "chat",
                #"""
                "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06, "input_cost_per_image": 0.001,
                "search_context_cost_per_query":
                    {"search_context_size_low": 0.01, "search_context_size_medium": 1e-2, "search_context_size_high": 0.010}
                """#,
                [
                    "batch web_searches 10000000000000", "standard input_tokens 1000000000",
                    "standard output_tokens 2000000000", "standard web_searches 10000000000000",
                ]
            ),
            (
                "embedding",
                #""input_cost_per_token": 2e-8, "output_cost_per_token": 0.0, "input_cost_per_image": 6e-05"#,
                ["batch images 60000000000", "standard images 60000000000", "standard input_tokens 20000000"]
            ),
        ])
    func entryBecomesLines(mode: String, fields: String, expected: [String]) throws {
        let map = try parse(entry: fields, mode: mode)
        #expect(try lines(map) == expected)
        #expect(map.skipped.isEmpty)
    }

    @Test("a model keeps its limits, and an embedding has no output")
    func limits() throws {
        let chat = try parse(entry: Self.plain + #", "max_input_tokens": 128000, "max_output_tokens": 1.6384e4"#)
        #expect(chat.files[0].models[0].maxInputTokens == 128_000)
        #expect(chat.files[0].models[0].maxOutputTokens == 16_384)
        let embedding = try parse(
            entry: #""input_cost_per_token": 2e-8, "max_output_tokens": 1536, "max_input_tokens": null"#,
            mode: "embedding")
        #expect(embedding.files[0].models[0].maxInputTokens == nil)
        #expect(embedding.files[0].models[0].maxOutputTokens == 0)
    }

    @Test("the price of a file begins in 2020 and names its source and day")
    func provenance() throws {
        let file = try parse(entry: Self.plain).files[0]
        #expect(file.source.contains("litellm"))
        #expect(file.retrieved == "2026-11-21")
        #expect(file.models[0].prices.allSatisfy { $0.validFrom == "2020-01-01" && $0.validUntil == nil })
    }

    @Test(
        "a provider and a model get the names that routers use",
        arguments: [
            ("gpt-4o", "openai", "openai/gpt-4o", true), ("openai/o9", "text-completion-openai", "openai/o9", true),
            ("gemini/gemini-2.5-pro", "gemini", "google/gemini-2.5-pro", true),
            ("gemini-2.5-pro", "vertex_ai-language-models", "vertex_ai/gemini-2.5-pro", nil),
            ("vertex_ai/claude-x@1", "vertex_ai-anthropic_models", "vertex_ai/claude-x@1", nil),
            ("bedrock/us-east-1/a.b-v1:0", "bedrock", "bedrock/us-east-1/a.b-v1:0", nil),
            ("bedrock/invoke/us-east-1/c", "bedrock_converse", "bedrock/us-east-1/c", nil),
            ("command-r", "cohere_chat", "cohere/command-r", true),
            ("azure/gpt-35", "azure_text", "azure/gpt-35", nil),
            ("amazon-nova/nova-pro", "amazon_nova", "amazon_nova/nova-pro", true),
            ("openrouter/openai/gpt-4o", "openrouter", "openrouter/openai/gpt-4o", nil),
            ("cloudflare/@cf/x", "cloudflare", "cloudflare/@cf/x", nil), ("zai/glm-5", "zai", "zai/glm-5", true),
        ] as [(String, String, String, Bool?)])
    func names(name: String, label: String, expected: String, isMaker: Bool?) throws {
        let file = try #require(try parse(entry: Self.plain, name: name, provider: label).files.first)
        #expect("\(file.provider)/\(file.models[0].name)" == expected)
        #expect(file.isMaker == isMaker)
    }

    @Test(
        "an entry that cannot be taken is skipped with its reason",
        arguments: [
            (#"{"mode": "image_generation"}"#, "mode is image_generation"), (#"{"mode": null}"#, "mode is not given"),
            (#"{"input_cost_per_token": 0, "output_cost_per_token": 0.0}"#, "0 in the map, not known to be free"),
            (#"{"input_cost_per_token": 0}"#, "no price per input token, or none per output token"),
            (#"{"output_cost_per_token": null}"#, "no price per input token, or none per output token"),
            (#"{"deprecation_date": "2025-10-16"}"#, "retired before 2025-10-17"),
            (#"{"litellm_provider": null}"#, "names no provider"),
            (#"{"litellm_provider": "one of these"}"#, "its provider has a name Purser does not take"),
            (#"{"litellm_provider": "a/b"}"#, "its provider has a name Purser does not take"),
            (#"{"input_cost_per_token": "0.1"}"#, "input_cost_per_token is not a number"),
            (#"{"max_output_tokens": 0.5}"#, "max_output_tokens is not a whole number of tokens"),
            (#"{"output_cost_per_video_token": 1}"#, "makes speech or video"), ("[]", "is not an object"),
            (#"{"mode": "chat", "mode": "chat"}"#, "gives mode twice"),
        ])
    func skipped(change: String, reason: String) throws {
        var fields = [
            "litellm_provider": #""openai""#, "mode": #""chat""#, "input_cost_per_token": "1e-6",
            "output_cost_per_token": "2e-6",
        ]
        var entry = change
        let changed = try JSONDocument(text: change).root
        if changed.kind == .object, !reason.hasSuffix("twice") {
            for (name, value) in changed.fields { fields[name] = value.source }
            entry = "{" + fields.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ") + "}"
        }
        let good = #"{"litellm_provider": "openai", "mode": "chat", \#(Self.plain)}"#
        let map = try parse(#"{"bad": \#(entry), "good": \#(good)}"#)
        #expect(map.skipped.map { "\($0.model): \($0.reason)" } == ["bad: \(reason)"])
        #expect(map.files.flatMap(\.models).map(\.name) == ["good"])
    }

    @Test(
        "a model is known by its name not to be one",
        arguments: [
            ("ft:gpt-4o", "a template for fine-tuned models"), ("together-ai-4.1b-8b", "a size class, not a model"),
            ("bedrock/1-month-commitment/c", "rented by the hour, not priced by the call"),
            ("gemini-2.5-flash-preview-tts", "makes speech or video"), ("a b", "a name Purser does not take"),
        ])
    func skippedByName(name: String, reason: String) throws {
        let map = try parse(entry: Self.plain, name: name)
        #expect(map.files.isEmpty)
        #expect(map.skipped.map { "\($0.model): \($0.reason)" } == ["\(name): \(reason)"])
    }

    @Test(
        "a decimal is read exactly",
        arguments: [
            ("1e-15", 1), ("2.5e-06", 2_500_000_000), ("0.0000025", 2_500_000_000), ("25E-7", 2_500_000_000),
            ("2.50000000000000000000000e-6", 2_500_000_000), ("1.23456789e-07", 123_456_789),
            ("1000", 1_000_000_000_000_000_000), ("1e+3", 1_000_000_000_000_000_000),
        ] as [(String, Int64)])
    func exactDecimal(text: String, femtodollars: Int64) throws {
        let map = try parse(entry: #""input_cost_per_token": \#(text), "output_cost_per_token": 1e-15"#)
        #expect(try lines(map) == ["standard input_tokens \(femtodollars)", "standard output_tokens 1"])
    }

    @Test(
        "a price that is too fine, too large or negative is never rounded, the model is skipped",
        arguments: [
            "1e-16", "2.9999900000000002e-06", "1000.000000000000001", "1e4", "1e999", "1e99999999999999999999",
            "-1e-06", "1e-999", "123456789012345678901234567890123456789012345678901234567890",
        ])
    func inexactDecimal(text: String) throws {
        let map = try parse(entry: #""input_cost_per_token": \#(text), "output_cost_per_token": 1e-15"#)
        #expect(map.files.isEmpty)
        #expect(map.skipped.count == 1)
        #expect(
            map.skipped.first?.reason.hasPrefix("input_cost_per_token of \(text.prefix(64)) is not a whole") == true)
    }

    @Test("only Gemma on the Gemini API is known to be free")
    func freeModel() throws {
        let zero = #""input_cost_per_token": 0, "output_cost_per_token": 0, "input_cost_per_audio_token": 1e-06"#
        let gemma = try parse(entry: zero, name: "gemini/gemma-3-27b-it", provider: "gemini")
        #expect(try lines(gemma) == ["standard input_tokens 0", "standard output_tokens 0"])
        #expect(try parse(entry: zero, name: "gemini/gemma-x", provider: "gemini").files.isEmpty)
        #expect(try parse(entry: zero, name: "gemma-3", provider: "groq").files.isEmpty)
    }

    @Test("one model under two names takes the fields of both, and the larger figure")
    func mergedNames() throws {
        let map = try parse(
            #"""
            {"gpt-9": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06,
                       "output_cost_per_token": 4e-06, "max_output_tokens": 100},
             "openai/gpt-9": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2e-06,
                       "output_cost_per_token": 3e-06, "cache_read_input_token_cost": 1e-07}}
            """#)
        #expect(
            try lines(map) == [
                "standard cache_read_tokens 100000000", "standard input_tokens 2000000000",
                "standard output_tokens 4000000000",
            ])
        #expect(map.files[0].models.map(\.maxOutputTokens) == [100])
        #expect(map.skipped.isEmpty)
    }

    @Test("fields about a price that were not understood are told, unless they say nothing")
    func warnings() throws {
        let map = try parse(
            entry: Self.plain + #"""
                , "output_cost_per_image": 0.04, "input_cost_per_second": 0, "regional_processing_uplift_multiplier_eu": 1.1,
                "tiered_pricing": [], "provider_specific_entry": {"us": 1.1}, "supports_vision": true,
                "search_context_cost_per_query": {"low": 0.01, "high": 0.02}
                """#)
        #expect(map.warnings.map(\.model) == ["m"])
        #expect(
            map.warnings.flatMap(\.fields) == [
                "output_cost_per_image", "provider_specific_entry", "regional_processing_uplift_multiplier_eu",
                "search_context_cost_per_query",
            ])
    }

    @Test("files and models stand in order, whatever the order of the map")
    func order() throws {
        let entry = { (label: String) in #"{"litellm_provider": "\#(label)", "mode": "chat", \#(Self.plain)}"# }
        let map = try parse(
            #"{"xai/b": \#(entry("xai")), "a": \#(entry("openai")), "xai/a": \#(entry("xai"))}"#)
        #expect(map.files.map(\.provider) == ["openai", "xai"])
        #expect(map.files[1].models.map(\.name) == ["a", "b"])
    }

    @Test("what is no map is refused", arguments: ["", "[]", "{", "provider: openai", "null", "{\"m\": }"])
    func noMap(text: String) {
        #expect(throws: JSONFailure.self) { try parse(text) }
    }
}
