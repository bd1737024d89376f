import Accounting
import JSON
import Pricing
import Testing

/// What the map leaves out, repeats or states as factors.
extension PriceMapTests {
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
            // In Shanghai, Saturday begins at 16:00 UTC on Friday.
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
                "regional_processing_uplift_multiplier_eu": 1.1, "provider_specific_entry": {"us": 1.2, "slow": 2}
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
        #expect(map.warnings.flatMap(\.fields) == ["provider_specific_entry.slow"])
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
        #expect(read.provider == file.provider && read.sources == file.sources)
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

    @Test("the factor of a fast mode is multiplied out for standard prices, in each region too; ultrafast has fields")
    func fast() throws {
        let fields =
            Self.plain + #"""
                , "cache_read_input_token_cost": 1e-07, "input_cost_per_token_flex": 5e-07,
                "output_cost_per_token_above_272k_tokens_ultrafast": 9e-06,
                "provider_specific_entry": {"us": 1.1, "fast": 2.0}
                """#
        let map = try parse(entry: fields)
        let prices = try #require(map.files.first?.models.first).prices
        let told = prices.filter { $0.serviceTier.hasSuffix("fast") }.map {
            "\($0.region) \($0.serviceTier) \($0.meter) \($0.aboveContextTokens) \($0.femtodollarsPerUnit)"
        }
        #expect(
            Set(told) == [
                " fast input_tokens 0 2000000000", " fast cache_read_tokens 0 200000000",
                " fast output_tokens 0 4000000000", " ultrafast output_tokens 272000 9000000000",
                "us fast input_tokens 0 2200000000", "us fast cache_read_tokens 0 220000000",
                "us fast output_tokens 0 4400000000", "us ultrafast output_tokens 272000 9900000000",
            ])
        #expect(map.warnings.isEmpty)
    }

    @Test("a factor that makes more than any price may be is told, however large", arguments: ["1e16", "1e22", "400"])
    func largeFactor(factor: String) throws {
        let map = try parse(
            entry: #""input_cost_per_token": 3, "provider_specific_entry": {"us": \#(factor), "fast": \#(factor)}"#)
        #expect(try lines(map) == ["standard input_tokens 3000000000000000"])
        #expect(
            map.warnings.flatMap(\.fields) == ["provider_specific_entry.fast", "provider_specific_entry.us"])
    }

    @Test("fields about a price that were not understood are told, unless they say nothing")
    func warnings() throws {
        let map = try parse(
            entry: Self.plain + #"""
                , "input_cost_per_pixel": 0.04, "input_cost_per_second": 0, "input_dbu_cost_per_token": 1e-5, "regional_processing_uplift_multiplier_eu": "1.1",
                "tiered_pricing": [], "provider_specific_entry": {"slow": 2}, "supports_vision": true,
                "search_context_cost_per_query": {"low": 0.01, "high": 0.02}
                """#)
        #expect(map.warnings.map(\.model) == ["m"])
        #expect(
            map.warnings.flatMap(\.fields) == [
                "input_cost_per_pixel", "provider_specific_entry.slow", "regional_processing_uplift_multiplier_eu",
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

    /// An entry with `thresholds` input prices, `regions` factors and two other fields.
    private func entry(_ name: String, thresholds: Int, regions: Int) -> String {
        let prices = (1...thresholds).map { #""input_cost_per_token_above_\#($0)k_tokens": 1e-06"# }
        let factors = (0..<regions).map { #""regional_processing_uplift_multiplier_r\#($0)": 1.1"# }
        let fields = (prices + factors).joined(separator: ", ")
        return #""\#(name)": {"litellm_provider": "openai", "mode": "chat", \#(fields)}"#
    }

    @Test("an entry of more fields than any model has is left out")
    func manyFields() throws {
        let most = try parse("{\(entry("m", thresholds: 250, regions: 4))}")
        #expect(most.files.first?.models.first?.prices.count == 250 * 5)
        let more = try parse("{\(entry("m", thresholds: 250, regions: 5))}")
        #expect(more.skipped.map(\.reason) == ["more than 256 fields"])
    }

    @Test("a map whose factors make more prices than are read into memory is refused")
    func manyPrices() throws {
        func map(_ models: Int) -> String {
            "{\((0..<models).map { entry("m\($0)", thresholds: 200, regions: 54) }.joined(separator: ","))}"
        }
        #expect(try parse(map(18)).files.first?.models.count == 18)
        let failure = try #require(throws: JSONFailure.self) { try parse(map(19)) }
        #expect("\(failure)".contains("has more than 200000 prices"))
    }
}
