import Accounting
import Pricing
import Testing

@Suite("A price book out of several sources")
struct PriceMergeTests {
    private func file(
        _ entries: String, models: String? = nil, source: String = "https://example.com"
    ) throws -> PriceFile {
        let text = """
            provider: p
            maker: false
            source: \(source)
            retrieved: 2026-11-28
            currency: USD
            per: 1000000 tokens
            models:
            \(models ?? "  m:\n    prices:\n\(entries)")
            """
        return try PriceFile.parse(text, fileName: "p.yaml")
    }

    private func merged(_ one: PriceFile, _ other: PriceFile, isOtherOwn: Bool = false) throws -> PriceFile {
        let files = PriceMerge(
            [
                PriceMerge.Input(key: "one", files: [one]),
                PriceMerge.Input(key: "other", files: [other], isOwnPages: isOtherOwn),
            ], on: CalendarDay(text: "2026-11-28")!
        ).files
        let file = try #require(files.first)
        #expect(try PriceFile.parse(file.text, fileName: "p.yaml").text == file.text, "the file cannot be read back")
        return file
    }

    private func entries(_ file: PriceFile) throws -> String {
        let text = file.text
        let mark = try #require(text.ranges(of: "    prices:\n").first)
        return String(text[mark.upperBound...])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let one: String
        let other: String
        var isOtherOwn = false
        let merged: String
    }

    static let cases = [
        Case(
            testDescription: "where both say the same, the first is named",
            one: #"      - {from: 2020-01-01, standard: {input_tokens: "1"}}"#,
            other: #"      - {from: 2020-01-01, standard: {input_tokens: "1.00"}}"#,
            merged: """
                      - from: 2020-01-01
                        standard: {input_tokens: "1.00"}

                """),
        Case(
            testDescription: "where neither knows a day, the dearer one holds and the other is disputed",
            one: #"      - {from: 2020-01-01, standard: {input_tokens: "1", output_tokens: "9"}}"#,
            other: #"      - {from: 2020-01-01, standard: {input_tokens: "2", output_tokens: "8"}}"#,
            merged: """
                      - from: 2020-01-01
                        standard: {output_tokens: "9.00"}
                        disputed:
                          other:
                            standard: {output_tokens: "8.00"}
                      - from: 2020-01-01
                        source: other
                        standard: {input_tokens: "2.00"}
                        disputed:
                          one:
                            standard: {input_tokens: "1.00"}

                """),
        Case(
            testDescription: "the provider's own page decides",
            one: #"      - {from: 2020-01-01, standard: {input_tokens: "2"}}"#,
            other: #"      - {from: 2020-01-01, standard: {input_tokens: "1"}}"#, isOtherOwn: true,
            merged: """
                      - from: 2020-01-01
                        source: other
                        standard: {input_tokens: "1.00"}
                        disputed:
                          one:
                            standard: {input_tokens: "2.00"}

                """),
        Case(
            testDescription:
                "a price that began on a day goes before one without, and what held before is its source's",
            one: #"      - {from: 2020-01-01, standard: {input_tokens: "2"}, batch: {input_tokens: "1"}}"#,
            other: """
                      - {from: 2020-01-01, standard: {input_tokens: "5"}}
                      - {from: 2026-03-13, standard: {input_tokens: "1"}}
                """,
            merged: """
                      - from: 2020-01-01
                        batch: {input_tokens: "1.00"}
                      - from: 2020-01-01
                        source: other
                        standard: {input_tokens: "5.00"}
                      - from: 2026-03-13
                        source: other
                        standard: {input_tokens: "1.00"}
                        disputed:
                          one:
                            standard: {input_tokens: "2.00"}

                """),
        Case(
            testDescription: "a threshold that was abolished ends on its day",
            one: """
                      - from: 2020-01-01
                        standard: {input_tokens: "3"}
                        above_200000_tokens: {standard: {input_tokens: "6"}}
                """,
            other: """
                      - from: 2020-01-01
                        standard: {input_tokens: "3"}
                        above_200000_tokens: {standard: {input_tokens: "6"}}
                      - {from: 2026-03-13, standard: {input_tokens: "3"}}
                """,
            merged: """
                      - from: 2020-01-01
                        until: 2026-03-13
                        standard: {input_tokens: "3.00"}
                        above_200000_tokens:
                          standard: {input_tokens: "6.00"}
                      - from: 2026-03-13
                        source: other
                        standard: {input_tokens: "3.00"}
                        disputed:
                          one:
                            above_200000_tokens:
                              standard: {input_tokens: "6.00"}

                """),
        Case(
            testDescription: "one source may be the dearer in all",
            one: #"      - {from: 2020-01-01, standard: {input_tokens: "1"}}"#,
            other: #"      - {from: 2020-01-01, standard: {input_tokens: "2"}}"#,
            merged: """
                      - from: 2020-01-01
                        source: other
                        standard: {input_tokens: "2.00"}
                        disputed:
                          one:
                            standard: {input_tokens: "1.00"}

                """),
        Case(
            testDescription: "a price to come is that of who knows its day, and no dispute before",
            one: #"      - {from: 2020-01-01, standard: {input_tokens: "3"}}"#,
            other: """
                      - {from: 2020-01-01, standard: {input_tokens: "3"}}
                      - {from: 2027-01-01, standard: {input_tokens: "4"}}
                """,
            merged: """
                      - from: 2020-01-01
                        until: 2027-01-01
                        standard: {input_tokens: "3.00"}
                      - from: 2027-01-01
                        source: other
                        standard: {input_tokens: "4.00"}

                """),
        Case(
            testDescription: "hours that are the same on some days alone are disputed",
            one: """
                      - from: 2026-11-01
                        standard: {input_tokens: "4"}
                        hours: {"mon-fri 00:00-12:00": {standard: {input_tokens: "2"}}}
                """,
            other: """
                      - from: 2020-01-01
                        standard: {input_tokens: "4"}
                        hours: {"mon-sun 00:00-12:00": {standard: {input_tokens: "2"}}}
                """,
            merged: """
                      - from: 2020-01-01
                        until: 2026-11-01
                        source: other
                        standard: {input_tokens: "4.00"}
                        hours:
                          "mon-sun 00:00-12:00":
                            standard: {input_tokens: "2.00"}
                      - from: 2026-11-01
                        standard: {input_tokens: "4.00"}
                        hours:
                          "mon-fri 00:00-12:00":
                            standard: {input_tokens: "2.00"}
                        disputed:
                          other:
                            hours:
                              "mon-sun 00:00-12:00":
                                standard: {input_tokens: "2.00"}

                """),
        Case(
            testDescription: "hours that say the same in other words are the same",
            one: """
                      - from: 2020-01-01
                        standard: {input_tokens: "4"}
                        hours: {"mon-sun 04:00-24:00": {standard: {input_tokens: "1"}}}
                """,
            other: """
                      - from: 2020-01-01
                        standard: {input_tokens: "1"}
                        hours: {"mon-sun 00:00-04:00": {standard: {input_tokens: "4"}}}
                """,
            merged: """
                      - from: 2020-01-01
                        standard: {input_tokens: "4.00"}
                        hours:
                          "mon-sun 04:00-24:00":
                            standard: {input_tokens: "1.00"}

                """),
    ]

    @Test("has of each meter what one source decides", arguments: cases)
    func cells(_ tried: Case) throws {
        let file = try merged(try file(tried.one), try file(tried.other), isOtherOwn: tried.isOtherOwn)
        #expect(try entries(file) == tried.merged)
    }

    @Test("changes nothing where its sources say the same again", arguments: cases)
    func again(_ tried: Case) throws {
        let one = try file(tried.one, source: "the price map of litellm")
        let other = try file(tried.other, source: tried.isOtherOwn ? "https://example.com" : "genai-prices")
        let book = try merged(one, other, isOtherOwn: tried.isOtherOwn)
        let models = book.models.map { model in
            func told(_ line: PriceFile.PriceLine) -> PriceFile.PriceLine {
                var line = line
                line.source = book.sourceText(of: line)
                return line
            }
            return PriceFile.Model(
                name: model.name, aliases: model.aliases, maxInputTokens: nil, maxOutputTokens: nil,
                retired: CalendarDay(text: "2026-11-30"), prices: model.prices.map(told),
                disputed: model.disputed.map(told))
        }
        func update(_ news: PriceFile, _ kind: PriceCatalogueKind) -> PriceUpdate {
            PriceUpdate(
                [news], of: kind, to: ["p": models], on: CalendarDay(text: "2026-11-28")!, isWhole: true,
                takesJumps: true)
        }
        #expect(update(one, .litellm).files.isEmpty)
        if !tried.isOtherOwn {
            let update = update(other, .genaiPrices)
            // The catalogue lists what litellm's map knows to retire.
            let isOfCatalogueAlone = Set((models[0].prices + models[0].disputed).map(\.source)).count == 1
            #expect(update.files.isEmpty && (isOfCatalogueAlone || update.revived.isEmpty))
        }
    }

    @Test("has every model of each source once, under all its names, compared without capitals")
    func names() throws {
        let price = #"{prices: [{from: 2020-01-01, standard: {input_tokens: "1"}}]}"#
        let aliased = #"{aliases: [x, A, y], prices: [{from: 2020-01-01, standard: {input_tokens: "1"}}]}"#
        let file = try merged(
            try file("", models: "  A: \(price)\n  b: \(price)"), try file("", models: "  B: \(aliased)\n  c: \(price)")
        )
        #expect(file.models.map(\.name) == ["A", "b", "c"])
        #expect(file.models.map(\.aliases) == [[], ["x", "y"], []])
        #expect(file.sources.map(\.key) == ["one", "other"])
    }
}
