import Accounting
import JSON
import Pricing
import Testing

@Suite("The catalogue of genai-prices")
struct PriceCatalogueTests {
    private func parse(_ models: String, provider: String = "openai") throws -> PriceCatalogue {
        let text = #"[{"id": "\#(provider)", "pricing_urls": ["https://example.com/prices"], "models": [\#(models)]}]"#
        return try PriceCatalogue.parse(
            Array(text.utf8), retrieved: CalendarDay(text: "2026-11-28")!, release: "0.2.3")
    }

    private func model(_ prices: String, _ rest: String = "", name: String = "m") -> String {
        #"{"id": "\#(name)", "match": {"equals": "\#(name)"}, "prices": \#(prices)\#(rest)}"#
    }

    /// What stands under `models:` in the file of the first provider.
    private func text(_ catalogue: PriceCatalogue) throws -> String {
        let file = try #require(catalogue.files.first)
        #expect(try PriceFile.parse(file.text, fileName: "f").text == file.text, "the file cannot be read back")
        return String(file.text.components(after: "models:\n"))
    }

    @Test(
        "a model becomes these prices",
        arguments: [
            (
                #"{"input_mtok": 2.5, "cache_read_mtok": 1.25, "output_mtok": 10, "web_searches_kcount": 10}"#, "",
                """
                      - from: 2020-01-01
                        standard: {input_tokens: "2.50", cache_read_tokens: "1.25", output_tokens: "10.00"}
                        each: {web_searches: "0.01"}
                """
            ),
            (
                #"{"input_mtok": {"base": 3, "tiers": [{"start": 200000, "price": 6}]}, "output_mtok": 15}"#, "",
                """
                      - from: 2020-01-01
                        standard: {input_tokens: "3.00", output_tokens: "15.00"}
                        above_200000_tokens:
                          standard: {input_tokens: "6.00"}
                """
            ),
            (
                #"""
                [{"prices": {"input_mtok": 2, "output_mtok": 10}},
                 {"constraint": {"start_date": "2026-09-01"}, "prices": {"input_mtok": 3, "output_mtok": 15}}]
                """#, "",
                """
                      - from: 2020-01-01
                        standard: {input_tokens: "2.00", output_tokens: "10.00"}
                      - from: 2026-09-01
                        standard: {input_tokens: "3.00", output_tokens: "15.00"}
                """
            ),
            (
                #"""
                [{"prices": {"input_mtok": 0.5}}, {"constraint": {"start_date": "2026-08-17"}, "prices": {"input_mtok": 0.7}},
                 {"constraint": {"start_time": "01:00:00Z", "end_time": "04:00:00Z"}, "prices": {"input_mtok": 1.4}}]
                """#, "",
                """
                      - from: 2020-01-01
                        standard: {input_tokens: "0.50"}
                      - from: 2026-08-17
                        standard: {input_tokens: "0.70"}
                        hours:
                          "mon-sun 01:00-04:00":
                            standard: {input_tokens: "1.40"}
                """
            ),
            (
                #"{"input_mtok": 4, "output_mtok": 8}"#,
                #"""
                , "price_variants": [{"when": {"processing": "batch"}, "prices": {"input_mtok": 2, "output_mtok": 4}},
                 {"when": {"service_tier": "priority"}, "prices": {"input_mtok": 7}},
                 {"when": {"speed": "fast"}, "constraint": {"start_date": "2026-10-12"}, "prices": {"input_mtok": 9}}]
                """#,
                """
                      - from: 2020-01-01
                        standard: {input_tokens: "4.00", output_tokens: "8.00"}
                        batch: {input_tokens: "2.00", output_tokens: "4.00"}
                        priority: {input_tokens: "7.00"}
                      - from: 2026-10-12
                        standard: {input_tokens: "4.00", output_tokens: "8.00"}
                        batch: {input_tokens: "2.00", output_tokens: "4.00"}
                        priority: {input_tokens: "7.00"}
                        fast: {input_tokens: "9.00"}
                """
            ),
        ])
    func prices(prices: String, rest: String, expected: String) throws {
        let catalogue = try parse(model(prices, rest))
        #expect(catalogue.skipped.isEmpty && catalogue.warnings.isEmpty)
        #expect(try text(catalogue) == "  m:\n    prices:\n\(expected)\n")
    }

    @Test("what a name must be or may begin with are names of the model, if no other model has them")
    func aliases() throws {
        let match =
            #"{"or": [{"equals": "m-1"}, {"starts_with": "M-2"}, {"contains": "x"}, {"equals": "n"}, {"regex": "y"}]}"#
        let catalogue = try parse(
            #"{"id": "m", "match": \#(match), "prices": {"input_mtok": 1}}, "# + model(#"{"input_mtok": 2}"#, name: "n")
        )
        #expect(catalogue.files[0].models.map(\.aliases) == [["M-2", "m-1"], []])
    }

    @Test("what says that it is free in its name costs nothing, and other models without a price are left out")
    func free() throws {
        let catalogue = try parse(
            [model("{}", name: "a:free"), model("{}", name: "b"), model(#"{"input_mtok": 0}"#, name: "c")]
                .joined(separator: ","), provider: "openrouter")
        #expect(catalogue.files[0].models.map(\.name) == ["a:free"])
        #expect(catalogue.files[0].models[0].prices.allSatisfy { $0.femtodollarsPerUnit == 0 })
        #expect(catalogue.skipped.map(\.model) == ["openrouter/b", "openrouter/c"])
    }

    @Test("what the catalogue says to be another seller's price, and nobody verified, is left out")
    func foreign() throws {
        let imported = "Imported from OpenRouter pricing; verify against OpenAI pricing when it is published."
        func priced(_ name: String, _ comments: String) -> String {
            model(#"{"input_mtok": 1}"#, #", "price_comments": "\#(comments)""#, name: name)
        }
        let catalogue = try parse(
            [priced("a", imported), priced("b", "\(imported) Verified on 2026-10-15."), priced("c", "flat")]
                .joined(separator: ","))
        #expect(catalogue.files[0].models.map(\.name) == ["b", "c"])
        #expect(catalogue.skipped.map(\.reason) == ["a price of OpenRouter's, which nobody verified at the provider"])
    }

    @Test(
        "what no meter or tier counts is told",
        arguments: [
            (#"{"input_mtok": 1, "storage_hours": 2}"#, "", "storage_hours"),
            (#"{"input_mtok": 1, "input_audio_hours": 0.111}"#, "", "input_audio_hours of 0.111"),
            (
                #"{"input_mtok": 1}"#, #", "price_variants": [{"when": {"search_type": "fast"}, "prices": {}}]"#,
                #"price_variants {"search_type": "fast"}"#
            ),
            (
                #"[{"prices": {"input_mtok": 1}}, {"constraint": {"week": 3}, "prices": {"input_mtok": 2}}]"#, "",
                #"constraint {"week": 3}"#
            ),
        ])
    func notTaken(prices: String, rest: String, told: String) throws {
        let catalogue = try parse(model(prices, rest))
        #expect(catalogue.warnings.map(\.fields) == [[told]])
        #expect(try text(catalogue).contains(#"standard: {input_tokens: "1.00"}"#))
    }

    @Test(
        "providers have the names of the price book",
        arguments: [
            ("x-ai", "grok-3", "xai"), ("aws", "nova", "bedrock"), ("google", "gemini-3", "google"),
            ("google", "claude-3-opus", "vertex_ai"), ("moonshotai", "kimi", "moonshot"), ("groq", "m", "groq"),
        ])
    func providers(id: String, name: String, provider: String) throws {
        #expect(try parse(model(#"{"input_mtok": 1}"#, name: name), provider: id).files.map(\.provider) == [provider])
    }

    @Test("a text that is no catalogue is refused", arguments: ["{}", "[1]", #"[{"id": "a"}]"#, "no JSON"])
    func refused(text: String) {
        #expect(throws: JSONFailure.self) {
            try PriceCatalogue.parse(
                Array(text.utf8), retrieved: CalendarDay(text: "2026-11-28")!, release: "0.2.3")
        }
    }
}

extension String {
    fileprivate func components(after mark: String) -> Substring {
        range(of: mark).map { self[$0.upperBound...] } ?? ""
    }

    private func range(of mark: String) -> Range<String.Index>? { ranges(of: mark).first }
}
