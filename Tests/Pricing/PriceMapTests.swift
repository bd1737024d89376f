import Accounting
import JSON
import Pricing
import Testing

@Suite("The price map of litellm")
struct PriceMapTests {
    static let today = CalendarDay(text: "2026-11-21")!

    func parse(_ text: String) throws(JSONFailure) -> PriceMap {
        try PriceMap.parse(Array(text.utf8), today: Self.today)
    }

    /// The map of one entry, which is a chat model of OpenAI's by default.
    func parse(
        entry fields: String, name: String = "m", provider: String = "openai", mode: String = "chat"
    ) throws(JSONFailure) -> PriceMap {
        try parse(#"{"\#(name)": {"litellm_provider": "\#(provider)", "mode": "\#(mode)", \#(fields)}}"#)
    }

    static let plain = #""input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06"#

    /// The prices as `tier meter >threshold femtodollars`, sorted.
    func lines(_ map: PriceMap) throws -> [String] {
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
                    "batch input_images 1000000000000", "batch web_searches 10000000000000",
                    "standard input_images 1000000000000", "standard input_tokens 1000000000",
                    "standard output_tokens 2000000000", "standard web_searches 10000000000000",
                ]
            ),
            (
                "embedding",
                #""input_cost_per_token": 2e-8, "output_cost_per_token": 0.0, "input_cost_per_image": 6e-05"#,
                ["batch images 60000000000", "standard images 60000000000", "standard input_tokens 20000000"]
            ),
            (
                "realtime",
                #"""
                "input_cost_per_token": 4e-06, "cache_read_input_token_cost": 4e-07,
                "input_cost_per_token_cache_hit": 4e-07, "cache_read_input_audio_token_cost": 5e-07,
                "cache_creation_input_audio_token_cost": 6e-07, "cache_read_input_image_token_cost": 7e-07,
                "cache_creation_input_token_cost_above_12hr_above_272k_tokens_flex": 8e-07,
                "input_cost_per_video_token_batches": 1e-06, "output_cost_per_image_token": 3e-05,
                "output_cost_per_video_token": 4e-05, "citation_cost_per_token": 2e-06
                """#,
                [
                    "batch video_input_tokens 1000000000", "flex cache_write_12h_tokens >272000 800000000",
                    "standard cache_read_audio_tokens 500000000", "standard cache_read_image_tokens 700000000",
                    "standard cache_read_tokens 400000000", "standard cache_write_audio_tokens 600000000",
                    "standard citation_tokens 2000000000", "standard image_output_tokens 30000000000",
                    "standard input_tokens 4000000000", "standard video_output_tokens 40000000000",
                ]
            ),
            (
                "audio_transcription", #""input_cost_per_second": 0.0001, "output_cost_per_second": 1e-4"#,
                ["batch audio_input_seconds 100000000000", "standard audio_input_seconds 100000000000"]
            ),
            (
                "video_generation", #""output_cost_per_second": 0.1, "output_cost_per_second_1080p": 0.2"#,
                [
                    "batch video_output_seconds 100000000000000", "batch video_output_seconds_1080p 200000000000000",
                    "standard video_output_seconds 100000000000000",
                    "standard video_output_seconds_1080p 200000000000000",
                ]
            ),
            (
                "ocr", #""ocr_cost_per_page": 0.004, "annotation_cost_per_page": 0.005"#,
                [
                    "batch annotated_pages 5000000000000", "batch pages 4000000000000",
                    "standard annotated_pages 5000000000000", "standard pages 4000000000000",
                ]
            ),
            (
                "chat",
                #"""
                "output_cost_per_token": 1e-06, "search_context_cost_per_query":
                    {"search_context_size_low": 0.01, "search_context_size_medium": 0.02, "search_context_size_high": 0.02}
                """#,
                [
                    "batch web_searches_high 20000000000000", "batch web_searches_low 10000000000000",
                    "batch web_searches_medium 20000000000000", "standard output_tokens 1000000000",
                    "standard web_searches_high 20000000000000", "standard web_searches_low 10000000000000",
                    "standard web_searches_medium 20000000000000",
                ]
            ),
            (
                "chat",
                #"""
                "input_cost_per_token": 9e-06, "tiered_pricing": [
                    {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06,
                     "output_cost_per_reasoning_token": 3e-06, "range": [0, 128000.0]},
                    {"input_cost_per_token": 4e-06, "output_cost_per_token": 5e-06, "range": [128000.0, 1e6]}]
                """#,
                [
                    "standard input_tokens 1000000000", "standard input_tokens >128000 4000000000",
                    "standard output_tokens 2000000000", "standard output_tokens >128000 5000000000",
                    "standard reasoning_tokens 3000000000", "standard reasoning_tokens >128000 5000000000",
                ]
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
        #expect(file.sources.map(\.retrieved) == ["2026-11-21"])
        #expect(file.sources[0].figures.contains("litellm"))
        #expect(file.models[0].prices.allSatisfy { $0.validFrom.dayOrTime == "2020-01-01" && $0.validUntil == nil })
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
            "1e-16", "5e-16", "1.1428571428571428e-06", "8.33333333333333e-05", "1.2345678901234567",
            "1000.000000000000001", "1e4", "1e999", "1e99999999999999999999",
            "-1e-06", "1e-999", "123456789012345678901234567890123456789012345678901234567890",
        ])
    func inexactDecimal(text: String) throws {
        let map = try parse(entry: #""input_cost_per_token": \#(text), "output_cost_per_token": 1e-15"#)
        #expect(map.files.isEmpty)
        #expect(map.skipped.count == 1)
        #expect(
            map.skipped.first?.reason.hasPrefix("input_cost_per_token of \(text.prefix(64)) is not a whole") == true)
    }

    @Test(
        "binary noise at the end of a figure is left off, and told",
        arguments: [
            ("2.0000000000000002e-07", 200_000_000), ("9.499999999999999E-7", 950_000_000),
            ("0.0000029999900000000002", 2_999_990_000), ("3.2000000000000003e-06", 3_200_000_000),
        ] as [(String, Int64)])
    func binaryNoise(text: String, femtodollars: Int64) throws {
        let map = try parse(entry: #""input_cost_per_token": \#(text), "output_cost_per_token": 1e-15"#)
        #expect(try lines(map) == ["standard input_tokens \(femtodollars)", "standard output_tokens 1"])
        #expect(map.warnings.flatMap(\.shortened) == ["input_cost_per_token"])
        #expect(map.warnings.flatMap(\.fields).isEmpty)
    }
}
