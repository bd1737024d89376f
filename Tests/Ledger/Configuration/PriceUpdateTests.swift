import Accounting
import Ledger
import Postgres
import PostgresTesting
import Pricing
import Testing

@Suite("A newer catalogue") struct PriceUpdateTests {
    private static let day = CalendarDay(text: "2026-12-05")!

    /// A book of one provider: `entries` are those of its model `m`, whose first source is litellm's map.
    private static func book(_ entries: String) throws -> PriceFile {
        try PriceFile.parse(
            """
            provider: openai
            maker: true
            sources:
              litellm: {figures: the price map of litellm 1 (MIT), retrieved: 2026-11-28}
              genai-prices: {figures: genai-prices 1 (MIT), retrieved: 2026-11-28}
              own: {figures: https://example.com/pricing, retrieved: 2026-11-28}
            currency: USD
            per: 1000000 tokens
            models:
              m:
                prices:
            \(entries)
            """, fileName: "openai.yaml")
    }

    /// The price map with one model, in dollars a million tokens.
    private static func map(_ model: String = "m", input: String, output: String = "8", more: String = "") throws
        -> PriceStore.News
    {
        let map = try PriceMap.parse(
            Array(
                """
                {"\(model)": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": \(input)e-6,
                  "output_cost_per_token": \(output)e-6\(more)}}
                """.utf8), today: day)
        return PriceStore.News(kind: .litellm, files: map.files, source: map.coverage(release: nil))
    }

    /// The catalogue with one model.
    private static func catalogue(_ prices: String) throws -> PriceStore.News {
        let catalogue = try PriceCatalogue.parse(
            Array(#"[{"id": "openai", "models": [{"id": "m", "match": {"equals": "m"}, "prices": \#(prices)}]}]"#.utf8),
            retrieved: day)
        return PriceStore.News(
            kind: .genaiPrices, files: catalogue.files, source: catalogue.coverage(release: nil))
    }

    /// The rows of a book that count, as `meter price from [until]`.
    private static func rows(_ connection: Connection) throws -> [String] {
        try PriceStore.list(model: nil, provider: nil, connection).filter { $0.supersededBy == nil }.map(\.price)
            .filter { $0.meter == .input }
            .map {
                let millions = FixedPoint.text($0.femtodollarsPerUnit, places: 9)
                let above = $0.aboveContextTokens == 0 ? "" : " above \($0.aboveContextTokens)"
                let until = $0.validUntil.map { " until \($0.dayOrTime)" } ?? ""
                return "\($0.model.model)\(above) \(millions) \($0.validFrom.dayOrTime)\(until)"
            }
    }

    private static func disputes(_ connection: Connection) throws -> [String] {
        try PriceFinding.all(team: nil, ofAllModels: true, connection).filter { $0.kind == .disputed }.map(\.detail)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let entries: String
        let news: @Sendable () throws -> PriceStore.News
        let rows: [String]
        var disputes = 0
    }

    private static let plain = #"      - {from: 2020-01-01, standard: {input_tokens: "2", output_tokens: "8"}}"#

    static let cases = [
        Case(
            testDescription: "that says what the book says changes nothing", entries: plain,
            news: { try map(input: "2") }, rows: ["m 2 2020-01-01"]),
        Case(
            testDescription: "that goes back to an earlier price changes it again",
            entries: """
                      - {from: 2020-01-01, standard: {input_tokens: "3", output_tokens: "8"}}
                      - {from: 2026-11-01, standard: {input_tokens: "2", output_tokens: "8"}}
                """,
            news: { try map(input: "3") },
            rows: ["m 3 2020-01-01 until 2026-11-01", "m 2 2026-11-01", "m 3 2026-12-05"]),
        Case(
            testDescription: "without dates changes its price from the day it was read", entries: plain,
            news: { try map(input: "3") }, rows: ["m 2 2020-01-01", "m 3 2026-12-05"]),
        Case(
            testDescription: "with dates changes a price from the day it names", entries: plain,
            news: {
                try catalogue(
                    #"[{"prices": {"input_mtok": 2, "output_mtok": 8}}, "#
                        + #"{"constraint": {"start_date": "2026-12-01"}, "prices": {"input_mtok": 3, "output_mtok": 8}}]"#
                )
            }, rows: ["m 2 2020-01-01", "m 3 2026-12-01"]),
        Case(
            testDescription: "knows prices to come", entries: plain,
            news: {
                try catalogue(
                    #"[{"prices": {"input_mtok": 2, "output_mtok": 8}}, "#
                        + #"{"constraint": {"start_date": "2027-01-01"}, "prices": {"input_mtok": 4, "output_mtok": 8}}]"#
                )
            }, rows: ["m 2 2020-01-01", "m 4 2027-01-01"]),
        Case(
            testDescription: "that says again what another source was preferred to stays disputed",
            entries: """
                      - from: 2026-11-01
                        source: genai-prices
                        standard: {input_tokens: "2", output_tokens: "8"}
                        disputed: {litellm: {standard: {input_tokens: "1"}}}
                """,
            news: { try map(input: "1") }, rows: ["m 2 2026-11-01"], disputes: 1),
        Case(
            testDescription: "that says something new goes before what another source said earlier",
            entries: """
                      - from: 2026-11-01
                        source: genai-prices
                        standard: {input_tokens: "2", output_tokens: "8"}
                        disputed: {litellm: {standard: {input_tokens: "1"}}}
                """,
            news: { try map(input: "1.5") }, rows: ["m 2 2026-11-01", "m 1.5 2026-12-05"]),
        Case(
            testDescription: "that agrees at last ends the dispute",
            entries: """
                      - from: 2026-11-01
                        source: genai-prices
                        standard: {input_tokens: "2", output_tokens: "8"}
                        disputed: {litellm: {standard: {input_tokens: "1"}}}
                """,
            news: { try map(input: "2") }, rows: ["m 2 2026-11-01"]),
        Case(
            testDescription: "disputes a provider's own page, and changes nothing there",
            entries: """
                      - from: 2026-11-01
                        source: own
                        standard: {input_tokens: "2", output_tokens: "8"}
                """,
            news: { try map(input: "3") }, rows: ["m 2 2026-11-01"], disputes: 1),
        Case(
            testDescription: "leaves alone what a provider's own page says is to come",
            entries: """
                      - {from: 2026-11-01, source: own, standard: {input_tokens: "2", output_tokens: "8"}}
                      - {from: 2027-01-01, source: own, standard: {input_tokens: "4", output_tokens: "8"}}
                """,
            news: {
                try catalogue(
                    #"[{"prices": {"input_mtok": 2, "output_mtok": 8}}, "#
                        + #"{"constraint": {"start_date": "2027-01-01"}, "prices": {"input_mtok": 3, "output_mtok": 8}}]"#
                )
            }, rows: ["m 2 2026-11-01 until 2027-01-01", "m 4 2027-01-01"]),
        Case(
            testDescription: "without a threshold that it had ends that price",
            entries: """
                      - from: 2020-01-01
                        standard: {input_tokens: "2", output_tokens: "8"}
                        above_200000_tokens: {standard: {input_tokens: "4", output_tokens: "8"}}
                """,
            news: { try map(input: "2") },
            rows: ["m 2 2020-01-01", "m above 200000 4 2020-01-01 until 2026-12-05"]),
        Case(
            testDescription:
                "with a new model adds it from the beginning, and leaves the other where it no longer lists it",
            entries: plain, news: { try map("n", input: "5") }, rows: ["m 2 2020-01-01", "n 5 2020-01-01"]),
    ]

    @Test("changes what it says anew", arguments: cases)
    func changes(_ tried: Case) async throws {
        try await TestDatabase.with(LedgerFixture.migrated) { database in
            let connection = try database.connect()
            _ = try PriceStore.add([Self.book(tried.entries)], from: .asWritten, isDryRun: false, connection)
            let before = try Self.rows(connection)
            func update(isDryRun: Bool) throws -> (update: PriceStore.Update, version: Int64?) {
                try PriceStore.update(
                    [tried.news()], on: Self.day, takesJumps: false, isDryRun: isDryRun, areMeant: false, connection)
            }
            let preview = try update(isDryRun: true)
            #expect(try Self.rows(connection) == before && preview.version == nil)

            let update = try update(isDryRun: false).update
            #expect(try Self.rows(connection) == tried.rows)
            #expect(try Self.disputes(connection).count == tried.disputes)
            #expect(update.change.rows == preview.update.change.rows && update.disputed == Int64(tried.disputes))
            #expect(update.jumps.isEmpty)

            // Again, there is nothing left to take.
            #expect(try Self.again(tried, connection).change.rows.isEmpty)
            #expect(try Self.rows(connection) == tried.rows)
            #expect(try Self.disputes(connection).count == tried.disputes)
        }
    }

    private static func again(_ tried: Case, _ connection: Connection) throws -> PriceStore.Update {
        try PriceStore.update(
            [tried.news()], on: day, takesJumps: false, isDryRun: false, areMeant: false, connection
        ).update
    }

    @Test("with a change of more than three times leaves its model out, unless jumps are taken")
    func jumps() async throws {
        try await TestDatabase.with(LedgerFixture.migrated) { database in
            let connection = try database.connect()
            _ = try PriceStore.add([Self.book(Self.plain)], from: .asWritten, isDryRun: false, connection)
            for (input, takesJumps, rows) in [
                ("6.000001", false, ["m 2 2020-01-01"]), ("6", false, ["m 2 2020-01-01", "m 6 2026-12-05"]),
                ("1.9", true, ["m 2 2020-01-01", "m 1.9 2026-12-05"]),
            ] {
                let update = try PriceStore.update(
                    [Self.map(input: input, output: "7")], on: Self.day, takesJumps: takesJumps, isDryRun: false,
                    areMeant: false, connection
                ).update
                #expect(try Self.rows(connection) == rows)
                #expect(update.jumps.isEmpty == (input == "6"))
            }
            // A price that is probably a mistake is a jump: a preview shows it, and keeps nobody from all the others.
            func mistake(takesJumps: Bool, isDryRun: Bool) throws -> Int {
                try PriceStore.update(
                    [Self.map(input: "1900", output: "7")], on: Self.day, takesJumps: takesJumps, isDryRun: isDryRun,
                    areMeant: false, connection
                ).update.jumps.count
            }
            #expect(try mistake(takesJumps: true, isDryRun: true) == 1)
            #expect(try mistake(takesJumps: false, isDryRun: false) == 1)
            #expect(throws: PriceDoubt.self) { try mistake(takesJumps: true, isDryRun: false) }
        }
    }

    @Test("retires models that no source lists any more, which keep their last prices; others know the day themselves")
    func retired() async throws {
        try await TestDatabase.with(LedgerFixture.migrated) { database in
            let connection = try database.connect()
            _ = try PriceStore.add([Self.book(Self.plain)], from: .asWritten, isDryRun: false, connection)
            func retired() throws -> [String] {
                try connection.query(
                    "SELECT model, retired_on::text FROM price_model WHERE retired_on IS NOT NULL ORDER BY 1"
                )
                .map { row in
                    let (model, day) = try row.decode((String, String).self)
                    return "\(model) \(day)"
                }
            }
            func take(_ news: PriceStore.News) throws -> [ModelName] {
                try PriceStore.update(
                    [news], on: Self.day, takesJumps: false, isDryRun: false, areMeant: false, connection
                ).update.retired
            }
            let dated = #", "deprecation_date": "2026-10-01""#
            #expect(try take(Self.map("n", input: "5", more: dated)).map(\.model) == ["m"])
            #expect(try retired() == ["m 2026-12-05", "n 2026-10-01"])
            #expect(try take(Self.map("n", input: "5", more: dated)).isEmpty)
            #expect(try Self.rows(connection) == ["m 2 2020-01-01", "n 5 2020-01-01"])
        }
    }

    @Test("makes a release of the day, whose sources are those read anew and those of before")
    func release() async throws {
        try await TestDatabase.with(LedgerFixture.migrated) { database in
            let connection = try database.connect()
            let catalogue = try Self.catalogue(#"{"input_mtok": 2}"#)
            for (news, version, sources) in [
                (try Self.map(input: "2"), "2026.12.05", ["litellm 1 of 1"]),
                (catalogue, "2026.12.05.2", ["genai-prices 1 of 1", "litellm 1 of 1"]),
                // Nothing is new.
                (catalogue, "2026.12.05.2", ["genai-prices 1 of 1", "litellm 1 of 1"]),
                (try Self.map(input: "3"), "2026.12.05.3", ["genai-prices 1 of 1", "litellm 1 of 1"]),
            ] {
                _ = try PriceStore.update(
                    [news], on: Self.day, takesJumps: false, isDryRun: false, areMeant: false, connection)
                let release = try #require(try ConfigurationStore.load(connection).configuration.prices.release)
                #expect(release.version == version && release.date == Self.day)
                #expect(
                    release.sources.map { "\($0.name) \($0.pricedModels) of \($0.listedModels)" }.sorted() == sources)
            }
        }
    }

    @Test(
        "is taken as a part where it lists less than half of what its source listed: nothing is retired, and no day told"
    )
    func part() async throws {
        try await TestDatabase.with(LedgerFixture.migrated) { database in
            let connection = try database.connect()
            let whole = try PriceMap.parse(
                Array(
                    #"{\#(["m", "n", "o"].map { #""\#($0)": {"litellm_provider": "openai", "input_cost_per_token": 2e-6, "output_cost_per_token": 8e-6}"# }.joined(separator: ","))}"#
                        .utf8), today: Self.day)
            func take(_ news: PriceStore.News, on day: CalendarDay) throws -> PriceStore.Update {
                try PriceStore.update(
                    [news], on: day, takesJumps: false, isDryRun: false, areMeant: false, connection
                ).update
            }
            let all = PriceStore.News(kind: .litellm, files: whole.files, source: whole.coverage(release: nil))
            #expect(try take(all, on: Self.day).partial.isEmpty)
            let later = CalendarDay(text: "2026-12-06")!
            let update = try take(Self.map(input: "3"), on: later)
            #expect(update.partial.map(\.listedModels) == [1] && update.retired.isEmpty)
            #expect(update.release?.date == Self.day && update.release?.version == "2026.12.06")
            #expect(update.release?.sources.map(\.listedModels) == [3])

            #expect(throws: PriceUpdateRefusal.self) { try take(all, on: CalendarDay(text: "2026-12-04")!) }
        }
    }

    @Test("brings back a model that it lists again")
    func revived() async throws {
        try await TestDatabase.with(LedgerFixture.migrated) { database in
            let connection = try database.connect()
            _ = try PriceStore.add([Self.book(Self.plain)], from: .asWritten, isDryRun: false, connection)
            for (name, retired) in [("n", ["m"]), ("m", ["n"])] {
                _ = try PriceStore.update(
                    [Self.map(name, input: "2")], on: Self.day, takesJumps: false, isDryRun: false, areMeant: false,
                    connection)
                let rows = try connection.query("SELECT model FROM price_model WHERE retired_on IS NOT NULL")
                #expect(try rows.map { try $0.decode(String.self, at: 0) } == retired)
            }
        }
    }
}
