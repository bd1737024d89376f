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
            (#"{"input_cost_per_token": 0, "output_cost_per_token": 0.0}"#, "0 in the map, not known to be free"),
            (
                #"{"input_cost_per_token": null, "output_cost_per_token": null, "input_cost_per_pixel": 1e-9}"#,
                "no price of anything that Purser meters"
            ),
            (#"{"litellm_provider": null}"#, "names no provider"),
            (#"{"litellm_provider": "one of these"}"#, "its provider has a name Purser does not take"),
            (#"{"litellm_provider": "a/b"}"#, "its provider has a name Purser does not take"),
            (#"{"input_cost_per_token": "0.1"}"#, "input_cost_per_token is not a number"),
            (#"{"max_output_tokens": 0.5}"#, "max_output_tokens is not a whole number of tokens"),
            ("[]", "is not an object"),
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

    @Test("a name that Purser does not take is skipped")
    func skippedByName() throws {
        let map = try parse(entry: Self.plain, name: "a b")
        #expect(map.files.isEmpty)
        #expect(map.skipped.map { "\($0.model): \($0.reason)" } == ["a b: a name Purser does not take"])
    }

    @Test("each name that was taken leads to its model")
    func takenNames() throws {
        let map = try parse(entry: Self.plain, name: "gemini/gemini-9", provider: "gemini")
        #expect(map.names == ["gemini/gemini-9": ModelName(provider: "google", model: "gemini-9")])
        #expect(try parse(entry: #""input_cost_per_token": 0"#).names.isEmpty)
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

    @Test("a piece whose price is too fine is left without one, the model stays")
    func inexactPiece() throws {
        let map = try parse(entry: Self.plain + #", "input_cost_per_video_per_second": 3.3333333333333335e-05"#)
        #expect(try lines(map) == ["standard input_tokens 1000000000", "standard output_tokens 2000000000"])
        #expect(map.warnings.flatMap(\.fields) == ["input_cost_per_video_per_second"])
    }

    @Test("xAI charges a prompt of exactly the threshold by what holds above it")
    func inclusiveThreshold() throws {
        let fields = Self.plain + #", "input_cost_per_token_above_200k_tokens": 3e-06"#
        let line = "standard input_tokens >199999 3000000000"
        #expect(try lines(parse(entry: fields, name: "xai/m", provider: "xai")).contains(line))
        #expect(try !lines(parse(entry: fields)).contains(line))
    }

    @Test("a part that costs what its whole costs is left out only where the whole stands in for it")
    func repeatedParts() throws {
        let map = try parse(
            entry: Self.plain + #"""
                , "input_cost_per_audio_token": 1e-06, "input_cost_per_video_token": 1e-06,
                "output_cost_per_reasoning_token": 2e-06, "output_cost_per_audio_token": 2e-06
                """#)
        #expect(
            try lines(map) == [
                "standard audio_output_tokens 2000000000", "standard input_tokens 1000000000",
                "standard output_tokens 2000000000", "standard video_input_tokens 1000000000",
            ])
    }

    @Test("Fireworks halves what a cached prompt costs where the map does not say it")
    func halvedCacheReads() throws {
        let half = "standard cache_read_tokens 500000000"
        #expect(try lines(parse(entry: Self.plain, provider: "fireworks_ai")).contains(half))
        #expect(try !lines(parse(entry: Self.plain)).contains(half))
        let said = Self.plain + #", "cache_read_input_token_cost": 1e-07"#
        #expect(
            try lines(parse(entry: said, provider: "fireworks_ai")).contains("standard cache_read_tokens 100000000"))
    }

    @Test("a second name for the same price is understood where it says the same")
    func secondName() throws {
        let fields = Self.plain + #", "cache_read_input_token_cost": 1e-07, "input_cost_per_token_cache_hit": "#
        #expect(try parse(entry: fields + "1e-7").warnings.isEmpty)
        let other = try parse(entry: fields + "2e-7")
        #expect(try lines(other).contains("standard cache_read_tokens 100000000"))
        #expect(other.warnings.flatMap(\.fields) == ["input_cost_per_token_cache_hit"])
    }

    @Test(
        "tables by the size of the prompt are not taken where they leave a gap or hold something else",
        arguments: [
            #"[{"input_cost_per_token": 1e-06, "range": [1000, 2000]}]"#,
            #"[{"input_cost_per_token": 1e-06, "range": [0, 10]}, {"input_cost_per_token": 1e-06, "range": [20, 30]}]"#,
            #"[{"input_cost_per_token": 1e-06, "range": [0, 10], "surprise": 1}]"#,
            #"[{"input_cost_per_query": 0.005, "max_results_range": [0, 25]}]"#, #"[{"range": [0, 25]}]"#,
        ])
    func brokenTables(tables: String) throws {
        let map = try parse(entry: Self.plain + #", "tiered_pricing": \#(tables)"#)
        #expect(try lines(map) == ["standard input_tokens 1000000000", "standard output_tokens 2000000000"])
        #expect(map.warnings.flatMap(\.fields) == ["tiered_pricing"])
    }

    @Test(
        "hours off the peak become hours of the week in UTC",
        arguments: [
            (#""hours_utc": "16:30-00:30""#, "mon-sun 00:00-00:30 16:30-24:00"),
            (#""hours_utc": ["04:00-06:00", "00:00-00:00"]"#, "mon-sun 00:00-24:00"),
            (
                #""windows": [{"hours_utc": ["04:00-06:00", "10:00-00:00"], "weekdays": [1, 2, 3, 4, 5]}, {"hours_utc": "00:00-00:00", "weekdays": [6, 7]}]"#,
                "mon-fri 04:00-06:00 10:00-24:00, sat-sun 00:00-24:00"
            ),
            // Saturday begins at 16:00 of Friday in UTC.
            (
                #""windows": [{"hours_utc": "00:00-00:00", "weekdays": [6]}], "weekday_timezone": "Asia/Shanghai""#,
                "fri 16:00-24:00, sat 00:00-16:00"
            ),
        ])
    func offPeakHours(fields: String, hours: String) throws {
        let map = try parse(
            entry: Self.plain + #", "off_peak_pricing": {\#(fields), "input_cost_per_token": 5e-07}"#)
        let line = try #require(map.files.first?.models.first?.prices.last)
        #expect((line.meter, line.hours, line.femtodollarsPerUnit) == ("input_tokens", hours, 500_000_000))
        #expect(map.warnings.isEmpty)
    }

    @Test(
        "hours off the peak that are not understood are not taken",
        arguments: [
            #""hours_utc": "25:00-01:00""#, #""hours_utc": 5"#,
            #""windows": [{"hours_utc": "01:00-02:00", "weekdays": [8]}]"#,
            #""hours_utc": "01:00-02:00", "weekday_timezone": "Europe/Berlin""#, #""windows": []"#,
            #""hours_utc": "01:00-02:00", "surprise": 1"#,
        ])
    func brokenHours(fields: String) throws {
        let map = try parse(entry: Self.plain + #", "off_peak_pricing": {\#(fields)}"#)
        #expect(try lines(map).count == 2)
        #expect(map.warnings.flatMap(\.fields) == ["off_peak_pricing"])
    }

    @Test("a factor for a region is multiplied out, in every tier and above every threshold, where that is exact")
    func regions() throws {
        let fields =
            Self.plain + #"""
                , "input_cost_per_token_above_200k_tokens_flex": 3e-06, "output_cost_per_image": 0.1,
                "regional_processing_uplift_multiplier_eu": 1.1, "provider_specific_entry": {"us": 1.2, "fast": 2}
                """#
        let map = try parse(entry: fields)
        let prices = try #require(map.files.first?.models.first).prices.filter { !$0.region.isEmpty }
        #expect(
            prices.map {
                "\($0.region) \($0.serviceTier) \($0.meter) \($0.aboveContextTokens) \($0.femtodollarsPerUnit)"
            }
                == [
                    "eu standard input_tokens 0 1100000000", "eu standard output_tokens 0 2200000000",
                    "eu flex input_tokens 200000 3300000000", "us standard input_tokens 0 1200000000",
                    "us standard output_tokens 0 2400000000", "us flex input_tokens 200000 3600000000",
                ])
        #expect(map.warnings.flatMap(\.fields) == ["provider_specific_entry.fast"])
        let fine = try parse(
            entry: #""input_cost_per_token": 1e-15, "regional_processing_uplift_multiplier_eu": 1.1"#)
        #expect(try lines(fine) == ["standard input_tokens 1"])
        #expect(fine.warnings.flatMap(\.fields) == ["regional_processing_uplift_multiplier_eu"])
    }

    @Test("tokens at 0 beside other prices have none, and that is told")
    func zeroBesideOthers() throws {
        let map = try parse(entry: #""input_cost_per_token": 0, "output_cost_per_token": 2e-06"#)
        #expect(try lines(map) == ["standard output_tokens 2000000000"])
        #expect(map.warnings.flatMap(\.fields) == ["input_cost_per_token"])
    }

    @Test("a file that is written says the same when it is read")
    func writtenFile() throws {
        let map = try parse(
            #"""
            {"gemini/gemma-3": {"litellm_provider": "gemini", "mode": "chat", "input_cost_per_token": 0,
                "output_cost_per_token": 0, "source": "https://example.com/prices"},
             "gemini/@x:": {"litellm_provider": "gemini", "mode": "chat", "input_cost_per_token": 1e-15,
                "output_cost_per_token": 1e-06, "output_cost_per_token_above_200k_tokens_priority": 1.5e-06,
                "input_cost_per_token_above_200k_tokens": 12.5, "output_cost_per_image": 0.039,
                "max_input_tokens": 10, "max_output_tokens": 20,
                "regional_endpoint_uplift_multiplier": 2,
                "off_peak_pricing": {"hours_utc": "16:30-00:30", "output_cost_per_token": 5e-07}}}
            """#)
        let file = try #require(map.files.first)
        let read = try PriceFile.parse(file.text, fileName: "google.yaml")
        #expect((read.provider, read.source, read.retrieved) == (file.provider, file.source, file.retrieved))
        for (model, written) in zip(read.models, file.models) {
            #expect((model.name, model.maxInputTokens) == (written.name, written.maxInputTokens))
            #expect(model.maxOutputTokens == written.maxOutputTokens)
            #expect(model.prices.count == written.prices.count && model.prices.allSatisfy(written.prices.contains))
        }
        #expect(read.models.count == file.models.count)
        #expect(
            file.text.contains("source: the price map of litellm (MIT), field for field; the provider's own page is"))
    }

    @Test("only Gemma on the Gemini API is known to be free")
    func freeModel() throws {
        let zero = #""input_cost_per_token": 0, "output_cost_per_token": 0, "input_cost_per_audio_token": 1e-06"#
        let gemma = try parse(entry: zero, name: "gemini/gemma-3-27b-it", provider: "gemini")
        #expect(try lines(gemma) == ["standard input_tokens 0", "standard output_tokens 0"])
        let audio = ["standard audio_input_tokens 1000000000"]
        #expect(try lines(parse(entry: zero, name: "gemini/gemma-x", provider: "gemini")) == audio)
        #expect(try lines(parse(entry: zero, name: "gemma-3", provider: "groq")) == audio)
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
                , "input_cost_per_pixel": 0.04, "input_cost_per_second": 0, "input_dbu_cost_per_token": 1e-5, "regional_processing_uplift_multiplier_eu": "1.1",
                "tiered_pricing": [], "provider_specific_entry": {"fast": 2}, "supports_vision": true,
                "search_context_cost_per_query": {"low": 0.01, "high": 0.02}
                """#)
        #expect(map.warnings.map(\.model) == ["m"])
        #expect(
            map.warnings.flatMap(\.fields) == [
                "input_cost_per_pixel", "provider_specific_entry.fast", "regional_processing_uplift_multiplier_eu",
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
