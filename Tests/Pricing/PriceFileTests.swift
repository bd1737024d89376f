import Accounting
import Foundation
import Pricing
import Testing

@Suite("A file of the price book")
struct PriceFileTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("pricing")

    static let shippedProviders: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()

    private func shipped(_ provider: String) throws -> PriceFile {
        let file = Self.folder.appendingPathComponent("\(provider).yaml")
        return try PriceFile.parse(String(contentsOf: file, encoding: .utf8), fileName: "\(provider).yaml")
    }

    private func rate(
        _ meter: String, _ tier: String = "standard", above: Int64 = 0, of model: String, at provider: String
    ) throws -> Int64? {
        let model = try #require(try shipped(provider).models.first { $0.name == model })
        return model.prices.last { $0.meter == meter && $0.serviceTier == tier && $0.aboveContextTokens == above }?
            .femtodollarsPerUnit
    }

    @Test("the folder holds the providers of the whole price map")
    func folderIsComplete() {
        #expect(Self.shippedProviders.count > 100)
        let known = ["anthropic", "azure", "bedrock", "deepseek", "google", "mistral", "openai", "vertex_ai", "xai"]
        #expect(known.allSatisfy(Self.shippedProviders.contains))
    }

    @Test("every shipped file parses, under the name of its provider", arguments: shippedProviders)
    func shippedFileParses(provider: String) throws {
        let file = try shipped(provider)
        #expect(file.provider == provider)
        #expect(file.sources.allSatisfy { $0.figures.contains("https://") })
        #expect(!file.models.isEmpty)
        #expect(file.models.allSatisfy { !$0.prices.isEmpty })
        #expect(try PriceFile.parse(file.text, fileName: "\(provider).yaml").models.count == file.models.count)
    }

    @Test("the folder says which release it is, and reads back as it is written")
    func release() throws {
        let text = try String(contentsOf: Self.folder.appendingPathComponent(PriceRelease.fileName), encoding: .utf8)
        let release = try PriceRelease.parse(text)
        #expect(release.text == text)
        #expect(release.sources.allSatisfy { $0.pricedModels * 10 > $0.listedModels * 9 })
    }

    @Test("only Gemma on the Gemini API is free, and what says so in its name")
    func freeModels() throws {
        let free = try Self.shippedProviders.flatMap { provider in
            try shipped(provider).models.filter { $0.prices.contains { $0.femtodollarsPerUnit == 0 } }
                .map { "\(provider)/\($0.name)" }
        }
        #expect(!free.isEmpty)
        #expect(free.allSatisfy { $0.hasPrefix("google/gemma-") || $0.hasSuffix(":free") })
    }

    @Test(
        "well-known prices are right, in femtodollars per token",
        arguments: [
            ("openai", "gpt-4o", "input_tokens", "standard", 0, 2_500_000_000),
            ("openai", "gpt-4o", "cache_read_tokens", "standard", 0, 1_250_000_000),
            ("openai", "gpt-4o", "output_tokens", "standard", 0, 10_000_000_000),
            ("openai", "gpt-4o", "output_tokens", "batch", 0, 5_000_000_000),
            ("openai", "gpt-4o", "input_tokens", "priority", 0, 4_250_000_000),
            ("openai", "gpt-4o-mini", "input_tokens", "standard", 0, 150_000_000),
            ("openai", "gpt-4o-mini", "cache_read_tokens", "standard", 0, 75_000_000),
            ("openai", "gpt-4o-mini", "output_tokens", "standard", 0, 600_000_000),
            ("anthropic", "claude-opus-4-5", "input_tokens", "standard", 0, 5_000_000_000),
            ("anthropic", "claude-opus-4-5", "output_tokens", "standard", 0, 25_000_000_000),
            ("google", "gemini-2.5-pro", "input_tokens", "standard", 0, 1_250_000_000),
            ("google", "gemini-2.5-pro", "input_tokens", "standard", 200_000, 2_500_000_000),
            ("google", "gemini-2.5-pro", "output_tokens", "standard", 200_000, 15_000_000_000),
            ("google", "gemini-2.5-flash", "audio_input_tokens", "standard", 0, 1_000_000_000),
            ("google", "gemini-2.5-pro", "web_searches", "standard", 0, 35_000_000_000_000),
            ("google", "gemini-2.5-pro", "web_searches", "batch", 0, 35_000_000_000_000),
        ] as [(String, String, String, String, Int64, Int64)])
    func knownPrice(
        provider: String, model: String, meter: String, tier: String, above: Int64, femtodollars: Int64
    ) throws {
        #expect(try rate(meter, tier, above: above, of: model, at: provider) == femtodollars)
    }

    /// Claude 3 Haiku has a price of its own for 5 minutes; models before it had no cache.
    @Test("an Anthropic cache write costs 1.25 times the input, and twice the input for an hour")
    func anthropicCacheWrites() throws {
        let others = ["claude-2", "claude-v1", "claude-3-haiku"]
        for model in try shipped("anthropic").models where !others.contains(model.name) {
            func rate(_ meter: String, above: Int64) -> Int64? {
                model.prices.first {
                    $0.meter == meter && $0.serviceTier == "standard" && $0.aboveContextTokens == above
                }?.femtodollarsPerUnit
            }
            for above in Set(model.prices.map(\.aboveContextTokens)) {
                let input = try #require(rate("input_tokens", above: above))
                #expect(rate("cache_write_tokens", above: above).map { $0 * 4 } == input * 5, "\(model.name)")
                #expect(rate("cache_write_1h_tokens", above: above) == input * 2, "\(model.name)")
            }
        }
    }

    /// Parses a whole file that has `model` as the text under its one model.
    private func parse(model: String) throws(PriceFileError) -> PriceFile.Model {
        let head =
            "provider: p\nmaker: true\nsource: s\nretrieved: 2026-11-21\ncurrency: USD\nper: 1000000 tokens\nmodels:\n"
        return try PriceFile.parse(head + "  m:\n" + model, fileName: "p.yaml").models[0]
    }

    private func parse(entry: String) throws(PriceFileError) -> [PriceFile.PriceLine] {
        try parse(model: "    prices:\n      - from: 2026-01-01\n        \(entry)\n").prices
    }

    @Test(
        "a decimal is read exactly",
        arguments: [
            ("0.000000001", 1), ("2.5", 2_500_000_000), ("2.500000000000", 2_500_000_000), ("0015", 15_000_000_000),
            ("1000000000", 1_000_000_000_000_000_000),
        ] as [(String, Int64)])
    func decimal(text: String, femtodollars: Int64) throws {
        let quoted = try parse(entry: "standard: {input_tokens: \"\(text)\"}")
        #expect(quoted.map(\.femtodollarsPerUnit) == [femtodollars])
        #expect(try parse(entry: "standard: {input_tokens: \(text)}") == quoted)
    }

    @Test("a price of one piece has fifteen places and holds in batch too")
    func eachPiece() throws {
        let lines = try parse(entry: "each: {web_searches: \"0.000000000000001\"}")
        #expect(lines.map(\.serviceTier) == ["standard", "batch"])
        #expect(lines.allSatisfy { $0.meter == "web_searches" && $0.femtodollarsPerUnit == 1 })
    }

    @Test(
        "a malformed decimal is refused",
        arguments: [
            "", "1e-6", "-1", "+1", ".5", "5.", "1.2.3", "1,000", "NaN", "0x10", " 1", "１", "0.0000000001",
            "1000000000.000000001", "9223372036.854775808",
            "99999999999999999999",
        ])
    func malformedDecimal(text: String) throws {
        let error = try #require(throws: PriceFileError.self) {
            try parse(entry: "standard: {input_tokens: \"\(text)\"}")
        }
        #expect(error.path == "models.m.prices[0].standard.input_tokens")
        #expect(error.line == 11)
        #expect(error.description.hasPrefix("p.yaml:11: models.m.prices[0].standard.input_tokens "))
    }

    @Test(
        "an entry that cannot be meant is refused",
        arguments: [
            ("standard: {input_tokens: \"1\"}\n        surprise: 1", "prices[0].surprise"),
            ("standart: {input_tokens: \"1\"}", "prices[0].standart"),
            ("above_0_tokens: {standard: {input_tokens: \"1\"}}", "prices[0].above_0_tokens"),
            ("above_010_tokens: {standard: {input_tokens: \"1\"}}", "prices[0].above_010_tokens"),
            ("above_9_tokens: {each: {images: \"1\"}}", "prices[0].above_9_tokens.each"),
            ("above_9_tokens: {above_10_tokens: {}}", "prices[0].above_9_tokens.above_10_tokens"),
            ("standard: {images: \"1\"}", "prices[0].standard.images"),
            ("standard: {Input_tokens: \"1\"}", "prices[0].standard.Input_tokens"),
            ("each: {input_tokens: \"1\"}", "prices[0].each.input_tokens"),
            ("standard: {input_tokens: \"0\"}", "prices[0]"),
            ("standard: {input_tokens: \"1\", output_tokens: \"0.00\"}", "prices[0]"),
            ("free: true\n        standard: {input_tokens: \"1\"}", "prices[0]"),
            ("standard: {}", "prices[0]"),
            ("regions: {e u: {standard: {input_tokens: \"1\"}}}", "prices[0].regions.e u"),
            ("regions: {eu: {regions: {us: {}}}}", "prices[0].regions.eu.regions"),
            ("regions: {eu: {from: 2026-01-01}}", "prices[0].regions.eu.from"),
            ("hours: {always: {standard: {input_tokens: \"1\"}}}", "prices[0].hours.always"),
            ("hours: {mon 00:00-01:00: {hours: {}}}", "prices[0].hours.mon 00:00-01:00.hours"),
            ("hours: {mon 00:00-01:00: {regions: {}}}", "prices[0].hours.mon 00:00-01:00.regions"),
            ("above_9_tokens: {hours: {}}", "prices[0].above_9_tokens.hours"),
            ("standard: [1]", "prices[0].standard"),
            ("standard: {input_tokens: [1]}", "prices[0].standard.input_tokens"),
            ("until: 2026-01-01\n        standard: {input_tokens: \"1\"}", "prices[0]"),
            ("until: 2026-02-29\n        standard: {input_tokens: \"1\"}", "prices[0].until"),
        ])
    func refusedEntry(entry: String, path: String) throws {
        let error = try #require(throws: PriceFileError.self) { try parse(entry: entry) }
        #expect(error.path == "models.m.\(path)")
        #expect(error.line != nil)
    }

    @Test("a region and hours have rates of their own, and may be told together")
    func regionsAndHours() throws {
        let lines = try parse(
            entry: """
                standard: {input_tokens: "1"}
                        regions:
                          eu:
                            standard: {input_tokens: "1.1"}
                            above_9_tokens: {batch: {input_tokens: "2.2"}}
                            hours: {"sun 00:00-12:00": {standard: {input_tokens: "0.9"}}}
                          us-east1: {each: {images: "3"}}
                        hours:
                          sun 16:30-00:30: {flex: {input_tokens: "0.5"}}
                """)
        let texts = lines.map {
            "\($0.meter) \($0.serviceTier) >\($0.aboveContextTokens) [\($0.region)] [\($0.hours)] \($0.femtodollarsPerUnit)"
        }
        #expect(
            texts == [
                "input_tokens standard >0 [] [] 1000000000",
                "input_tokens standard >0 [eu] [] 1100000000",
                "input_tokens batch >9 [eu] [] 2200000000",
                "input_tokens standard >0 [eu] [sun 00:00-12:00] 900000000",
                "images standard >0 [us-east1] [] 3000000000000000",
                "images batch >0 [us-east1] [] 3000000000000000",
                "input_tokens flex >0 [] [mon 00:00-00:30, sun 16:30-24:00] 500000000",
            ])
    }

    @Test("a free price is 0 and said to be")
    func freePrice() throws {
        let lines = try parse(entry: "free: true\n        standard: {input_tokens: \"0\", output_tokens: \"0.00\"}")
        #expect(lines.map(\.femtodollarsPerUnit) == [0, 0])
    }

    @Test("an entry without until ends where the next begins")
    func consecutiveEntries() throws {
        let model = try parse(
            model: """
                    aliases: [m-latest]
                    max_output_tokens: 0
                    prices:
                      - from: 2024-02-29
                        until: 2025-01-01
                        standard: {input_tokens: "3"}
                      - from: 2025-06-01
                        standard: {input_tokens: "2"}
                      - {from: 2026-01-01, standard: {input_tokens: "1"}}
                """)
        #expect(model.aliases == ["m-latest"])
        #expect(model.maxInputTokens == nil)
        #expect(model.maxOutputTokens == 0)
        #expect(model.prices.map(\.validFrom.dayOrTime) == ["2024-02-29", "2025-06-01", "2026-01-01"])
        #expect(model.prices.map(\.validUntil?.dayOrTime) == ["2025-01-01", "2026-01-01", nil])
    }

    @Test("any number of entries are read, in their order")
    func manyEntries() throws {
        let days = (0..<20_000).map { CalendarDay(daysSince1970: $0).description }
        let entries = days.map { "      - {from: \($0), standard: {input_tokens: \"1\"}}" }
        let model = try parse(model: "    prices:\n\(entries.joined(separator: "\n"))\n")
        #expect(model.prices.map(\.validFrom.dayOrTime) == days)
        #expect(model.prices.map(\.validUntil?.dayOrTime) == days.dropFirst().map(Optional.some) + [nil])
    }

    @Test(
        "entries that overlap or stand out of order are refused",
        arguments: [
            "{from: 2026-01-01, standard: {input_tokens: \"1\"}}, {from: 2026-01-01, standard: {input_tokens: \"1\"}}",
            "{from: 2026-01-02, standard: {input_tokens: \"1\"}}, {from: 2026-01-01, standard: {input_tokens: \"1\"}}",
            "{from: 2025-01-01, until: 2026-01-02, standard: {input_tokens: \"1\"}}, {from: 2026-01-01, standard: {input_tokens: \"1\"}}",
        ])
    func overlap(entries: String) throws {
        let error = try #require(throws: PriceFileError.self) { try parse(model: "    prices: [\(entries)]\n") }
        #expect(error.path == "models.m.prices[0]")
    }

    @Test(
        "a model that cannot be meant is refused",
        arguments: [
            ("    prices: []\n", "models.m"),
            ("    max_input_tokens: 1\n", "models.m"),
            ("    max_input_tokens: 1e6\n    prices: []\n", "models.m.max_input_tokens"),
            ("    max_input_tokens: +1\n    prices: []\n", "models.m.max_input_tokens"),
            ("    mode: chat\n    prices: []\n", "models.m.mode"),
            ("    aliases: [m]\n    prices: [{from: 2026-01-01, standard: {input_tokens: \"1\"}}]\n", "models.m"),
            ("    aliases: [a b]\n    prices: []\n", "models.m.aliases[0]"),
            ("    prices: [{from: 2026-13-01}]\n", "models.m.prices[0].from"),
            ("    prices: [{from: 0000-01-01}]\n", "models.m.prices[0].from"),
            ("    prices: [{from: 2026-02-29}]\n", "models.m.prices[0].from"),
            ("    prices: [{from: 2026-1-01}]\n", "models.m.prices[0].from"),
            ("    prices: [{standard: {input_tokens: \"1\"}}]\n", "models.m.prices[0]"),
        ])
    func refusedModel(model: String, path: String) throws {
        let error = try #require(throws: PriceFileError.self) { try parse(model: model) }
        #expect(error.path == path)
    }

    @Test(
        "a file that cannot be meant is refused",
        arguments: [
            ("", "is empty"), ("[]", "must be a mapping"), ("a: [", "is not YAML"), ("a: 1\na: 2", "names twice: a"),
            ("provider: p", "lacks currency"), ("x: 1", "is not a field"),
            ("currency: EUR\nper: 1 tokens", "must be USD"), ("currency: USD\nper: 1 tokens", "must be 1000000 tokens"),
            ("a: &a 1\nb: *a", "has a *"), (String(repeating: "[", count: 1 << 20), "is not YAML"),
            (String(repeating: "- ", count: 1 << 20), "is not YAML"),
            (String(repeating: "#", count: PriceFile.maximumBytes + 1), "is larger than 8 MiB"),
        ])
    func refusedFile(text: String, problem: String) throws {
        let error = try #require(throws: PriceFileError.self) { try PriceFile.parse(text, fileName: "p.yaml") }
        #expect(error.problem.hasPrefix(problem))
        #expect(error.fileName == "p.yaml")
    }
}
