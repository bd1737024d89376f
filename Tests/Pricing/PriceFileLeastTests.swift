import Accounting
import Pricing
import Testing

@Suite("A least quantity and a moment in a file of the price book")
struct PriceFileLeastTests {
    private static let head =
        "provider: p\nmaker: true\nsource: s\nretrieved: 2026-11-21\ncurrency: USD\nper: 1000000 tokens\nmodels:\n"

    private func parse(_ prices: String) throws(PriceFileError) -> PriceFile {
        try PriceFile.parse(Self.head + "  m:\n    prices:\n\(prices)", fileName: "p.yaml")
    }

    @Test("are read, and written as they are read")
    func roundTrip() throws {
        let file = try parse(
            """
                  - from: 2026-01-01
                    until: 2026-03-01T12:00:00Z
                    each: {audio_input_seconds: {price: "0.00003083", least: 10}, images: "0.01"}
                  - from: 2026-08-16T18:00:00+02:00
                    each: {audio_input_seconds: {price: "0.00002", least: 1000000000000}}
                    hours:
                      sun 00:00-24:00: {each: {images: {price: "0.03"}}}
                    regions:
                      eu: {each: {images: {price: "0.02", least: 2}}}
                  - from: 2026-09-01
                    free: true
                    each: {audio_input_seconds: {least: 5, price: "0"}}

            """)
        let lines = file.models[0].prices.filter { $0.serviceTier == "batch" }
        #expect(lines.map(\.leastQuantity) == [10, nil, 1_000_000_000_000, nil, 2, 5])
        #expect(
            lines.map { "\($0.validFrom.dayOrTime) \($0.validUntil?.dayOrTime ?? "-")" } == [
                "2026-01-01 2026-03-01T12:00:00Z", "2026-01-01 2026-03-01T12:00:00Z",
                "2026-08-16T16:00:00Z 2026-09-01", "2026-08-16T16:00:00Z 2026-09-01",
                "2026-08-16T16:00:00Z 2026-09-01", "2026-09-01 -",
            ])
        #expect(try PriceFile.parse(file.text, fileName: "p.yaml").models == file.models)
        for written in ["{price: \"0.00003083\", least: 10}", "from: 2026-08-16T16:00:00Z", "from: 2026-01-01\n"] {
            #expect(file.text.contains(written), "\(file.text)")
        }
    }

    @Test(
        "that cannot be meant are refused, with the line",
        arguments: [
            ("from: 2026-01-01\n        each: {images: {price: \"1\", least: -1}}", 11, ".each.images.least"),
            ("from: 2026-01-01\n        each: {images: {price: \"1\", least: 1.5}}", 11, ".each.images.least"),
            ("from: 2026-01-01\n        each: {images: {price: \"1\", least: 0}}", 11, ".each.images.least"),
            ("from: 2026-01-01\n        each: {images: {price: \"1\", least: ten}}", 11, ".each.images.least"),
            ("from: 2026-01-01\n        each: {images: {price: \"1\", least: \"\"}}", 11, ".each.images.least"),
            (
                "from: 2026-01-01\n        each: {images: {price: \"1\", least: 1000000000001}}", 11,
                ".each.images.least"
            ),
            ("from: 2026-01-01\n        each: {images: {least: 1}}", 11, ".each.images"),
            ("from: 2026-01-01\n        each: {images: {price: \"1\", most: 1}}", 11, ".each.images.most"),
            ("from: 2026-01-01\n        each: {images: [1]}", 11, ".each.images"),
            (
                "from: 2026-01-01\n        standard: {input_tokens: {price: \"1\", least: 1}}", 11,
                ".standard.input_tokens"
            ),
            ("from: 2026-13-40\n        each: {images: \"1\"}", 10, ".from"),
            ("from: 2026-08-16T16:00:00\n        each: {images: \"1\"}", 10, ".from"),
            ("from: 2026-08-16T16:00:00.5Z\n        each: {images: \"1\"}", 10, ".from"),
            ("from: 2026-01-01\n        until: 2026-08-16 16:00\n        each: {images: \"1\"}", 11, ".until"),
            ("from: 2026-08-16T16:00:01Z\n        until: 2026-08-16T16:00:01Z\n        each: {images: \"1\"}", 10, ""),
        ])
    func refused(entry: String, line: Int, path: String) throws {
        let error = try #require(throws: PriceFileError.self) { try parse("      - \(entry)\n") }
        #expect(error.path == "models.m.prices[0]\(path)")
        #expect(error.line == line, "\(error)")
    }

    @Test("come from a price map where Groq's ten seconds are not in it, and for nothing else of it")
    func ofMap() throws {
        func lines(_ label: String) throws -> [PriceFile.PriceLine] {
            let entry =
                #"{"\#(label)/m": {"litellm_provider": "\#(label)", "mode": "audio_transcription", "input_cost_per_second": 3.083e-05}}"#
            let map = try PriceMap.parse(Array(entry.utf8), today: CalendarDay(text: "2026-11-21")!)
            return map.files[0].models[0].prices
        }
        #expect(try lines("groq").map(\.leastQuantity) == [10, 10])
        #expect(try lines("openai").map(\.leastQuantity) == [nil, nil])
    }
}
