import Accounting
import Foundation
import Ledger
import Postgres
import PostgresTesting
import Pricing
import Testing

@Suite("The stored price book")
struct PriceStoreTests {
    private func withBook(_ body: (Connection) throws -> Void) async throws {
        try await TestDatabase.with(LedgerFixture.migrated) { try body($0.connect()) }
    }

    private func file(_ provider: String, _ models: String, maker: Bool = false) throws -> PriceFile {
        try LedgerFixture.priceFile(of: provider, models, isMaker: maker)
    }

    private func model(_ name: String, _ price: String = "1", from: String = "2020-01-01") -> String {
        "  \(name):\n    prices: [{from: \(from), standard: {input_tokens: \"\(price)\"}}]\n"
    }

    private func map(_ entries: [(name: String, label: String, inputPrice: String)]) throws -> PriceMap {
        let fields = entries.map {
            """
            "\($0.name)": {"litellm_provider": "\($0.label)", "mode": "chat", "input_cost_per_token": \($0.inputPrice),
            "output_cost_per_token": 1e-06}
            """
        }
        let day = CalendarDay(text: "2026-11-21")!
        return try PriceMap.parse(
            Array("{\(fields.joined(separator: ","))}".utf8), today: day)
    }

    /// The listed prices of one meter, as `provider/model femtodollars from`.
    private func rows(_ connection: Connection, meter: String = "input_tokens") throws -> [String] {
        try PriceStore.list(model: nil, provider: nil, connection).map(\.price).filter { $0.meter.name == meter }
            .map { "\($0.model) \($0.femtodollarsPerUnit) \($0.validFrom.day)" }
    }

    @Test("a day for all takes the newest of a model's dated prices, and nothing again") func dayForAll() async throws {
        try await withBook { connection in
            let model = """
                  m:
                    prices:
                      - {from: 2025-01-01, standard: {input_tokens: "1"}}
                      - {from: 2026-01-01, standard: {input_tokens: "2"}}

                """
            _ = try PriceStore.add([file("a", model)], from: .asWritten, isDryRun: false, connection)
            let day = PriceStore.Start.at(CalendarDay(text: "2026-12-01")!.startUTC)
            for _ in 0..<2 {
                let change = try PriceStore.add([file("a", model)], from: day, isDryRun: false, connection).change
                #expect(change.added == 0 && change.unchanged == 1)
            }
            #expect(try rows(connection).last == "a/m 2000000000 2026-01-01")
        }
    }

    @Test("an end that a file adds to a known row ends it, and what follows is a row of its own")
    func addedEnd() async throws {
        try await withBook { connection in
            _ = try PriceStore.add([file("a", model("m"))], from: .asWritten, isDryRun: false, connection)
            let ended = """
                  m:
                    prices:
                      - {from: 2020-01-01, until: 2025-01-01, standard: {input_tokens: "1"}}
                      - {from: 2026-01-01, standard: {input_tokens: "1"}}

                """
            for added in [2, 0] {
                let change = try PriceStore.add([file("a", ended)], from: .asWritten, isDryRun: false, connection)
                    .change
                #expect(change.added == added && change.unchanged == 2 - added)
                #expect(change.rows.allSatisfy { $0.formerFemtodollarsPerUnit == 1_000_000_000 })
            }
            let book = try ConfigurationStore.load(connection).configuration.prices
            let prices = try #require(book.models[ModelName(provider: "a", model: "m")])
            for (moment, isPriced) in [
                ("2024-12-31T23:59:59Z", true), ("2025-01-01T00:00:00Z", false), ("2025-12-31T23:59:59Z", false),
                ("2026-01-01T00:00:00Z", true),
            ] {
                let card = prices.card(tier: .standard, contextTokens: 1, at: Timestamp(rfc3339: moment)!)
                #expect((card != nil) == isPriced, "\(moment)")
            }
            let rows = try PriceStore.list(model: nil, provider: nil, connection)
            #expect(rows.map(\.price.validUntil?.day.description) == [nil, "2025-01-01", nil])
            #expect(rows.map(\.supersededBy) == [rows[1].price.id, nil, nil])
            #expect(
                try PriceFinding.all(team: nil, connection).map(\.detail) == [
                    "input_tokens, standard: no price from 2025-01-01T00:00:00Z until 2026-01-01T00:00:00Z"
                ])
            // A file without the end takes the end away again.
            _ = try PriceStore.add([file("a", model("m"))], from: .asWritten, isDryRun: false, connection)
            #expect(try PriceFinding.all(team: nil, connection).isEmpty)
        }
    }

    /// A model with one price for each of these meters.
    private func meters(_ numbers: Range<Int>) -> String {
        let prices = numbers.map { "m\($0)_tokens: \"1\"" }.joined(separator: ", ")
        return "  m:\n    prices: [{from: 2020-01-01, standard: {\(prices)}}]\n"
    }

    @Test("a model that becomes larger than it may, with what the book has of it, is refused with all of its import")
    func tooLarge() async throws {
        try await withBook { connection in
            _ = try PriceStore.add([file("a", meters(0..<200))], from: .asWritten, isDryRun: false, connection)
            let version = try ConfigurationStore.load(connection).configuration.version
            for isDryRun in [true, false] {
                let excess = #expect(throws: PriceExcess.self) {
                    try PriceStore.add(
                        [file("b", model("m")), file("a", meters(150..<257)), file("c", model("m"))],
                        from: .asWritten, isDryRun: isDryRun, connection)
                }
                #expect(excess?.description == "a/m would have 257 meters, more than the 256 that it may have")
            }
            #expect(try PriceStore.list(model: nil, provider: nil, connection).count == 200)
            #expect(try connection.query("SELECT 1 FROM price_model").count == 1)
            #expect(try ConfigurationStore.load(connection).configuration.version == version)
            let change = try PriceStore.add(
                [file("a", meters(150..<256))], from: .asWritten, isDryRun: false, connection
            ).change
            #expect(change.added == 56 && change.unchanged == 50)
        }
    }

    @Test("a folder with a model that is too large is not loaded by half")
    func tooLargeFolder() async throws {
        let folder = TemporaryDirectory.create()
        defer { TemporaryDirectory.remove(folder) }
        try FileManager.default.createDirectory(atPath: "\(folder)/pricing", withIntermediateDirectories: true)
        for (name, models) in [("a", model("m")), ("b", meters(0..<257))] {
            let path = "\(folder)/pricing/\(name).yaml"
            try file(name, models).text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        try await withBook { connection in
            #expect(throws: PriceExcess.self) { try PriceStore.load(ResourceDirectory(path: folder), connection) }
            let rows = try connection.query("SELECT 1 FROM price_model UNION ALL SELECT 1 FROM price_provider")
            #expect(rows.isEmpty)
        }
    }

    @Test("several files are taken in one transaction, all of them")
    func severalFiles() async throws {
        try await withBook { connection in
            let files = try [file("a", model("m") + model("n")), file("b", model("m", "2"))]
            let (change, version) = try PriceStore.add(files, from: .asWritten, isDryRun: false, connection)
            #expect(change.added == 3 && change.unchanged == 0)
            #expect(change.addedModels == ["m", "n"])
            #expect(version != nil)
            let again = try PriceStore.add(files, from: .asWritten, isDryRun: false, connection).change
            #expect(again.added == 0 && again.unchanged == 3)
            #expect(
                try rows(connection) == [
                    "a/m 1000000000 2020-01-01", "a/n 1000000000 2020-01-01", "b/m 2000000000 2020-01-01",
                ])
        }
    }

    @Test("where one file of several is refused, nothing of the others stays")
    func allOrNothing() async throws {
        try await withBook { connection in
            // The database refuses the second file after the first was written.
            try connection.executeScript("ALTER TABLE price_provider ADD CHECK (provider <> 'b')")
            let version = try ConfigurationStore.load(connection).configuration.version
            #expect(throws: PostgresError.self) {
                try PriceStore.add(
                    [file("a", model("m")), file("b", model("m"))], from: .asWritten, isDryRun: false, connection)
            }
            #expect(try rows(connection).isEmpty)
            #expect(try connection.query("SELECT 1 FROM price_model UNION ALL SELECT 1 FROM price_provider").isEmpty)
            #expect(try ConfigurationStore.load(connection).configuration.version == version)
        }
    }

    @Test("a dry run tells what would be added, and adds nothing")
    func dryRun() async throws {
        try await withBook { connection in
            let (change, version) = try PriceStore.add(
                [file("a", model("m"))], from: .asWritten, isDryRun: true, connection)
            #expect(change.added == 1)
            #expect(version == nil)
            #expect(try rows(connection).isEmpty)
        }
    }

    @Test("what an import adds is told with what was in force at the same place")
    func addedRows() async throws {
        try await withBook { connection in
            func add(_ models: String) throws -> [String] {
                try PriceStore.add([file("a", models)], from: .asWritten, isDryRun: false, connection).change.rows.map {
                    let former = $0.formerFemtodollarsPerUnit.map(String.init) ?? "-"
                    let place = [$0.region, $0.hours].filter { !$0.isEmpty }.joined(separator: " ")
                    return "\($0.model) \(place) \(former) \($0.femtodollarsPerUnit) \($0.validFrom.day)"
                }
            }
            let first = try add(model("m"))
            #expect(first == ["a/m  - 1000000000 2020-01-01"])
            let again = try add(model("m"))
            #expect(again.isEmpty)
            let regional = """
                  m:
                    prices:
                      - from: 2026-01-01
                        standard: {input_tokens: "2"}
                        regions: {eu: {standard: {input_tokens: "3"}}}
                        hours: {"sun 00:00-01:00": {standard: {input_tokens: "0.5"}}}

                """
            let revised = try add(regional)
            #expect(
                revised == [
                    "a/m  1000000000 2000000000 2026-01-01", "a/m eu - 3000000000 2026-01-01",
                    "a/m sun 00:00-01:00 - 500000000 2026-01-01",
                ])
        }
    }

    @Test("an undated revision holds from its day for a known model, and from the beginning for a new one")
    func revisions() async throws {
        try await withBook { connection in
            let day = CalendarDay(text: "2026-11-21")!
            _ = try PriceStore.add(
                [file("openai", model("old", "3") + model("same"), maker: true)], from: .asWritten, isDryRun: false,
                connection)
            let map = try map([("old", "openai", "2e-06"), ("same", "openai", "1e-06"), ("new", "openai", "4e-06")])
            // `same` keeps its input price, so only its output is new.
            let first = try PriceStore.add(map.files, from: .revisions(at: day.startUTC), isDryRun: false, connection)
                .change
            #expect(first.added == 5 && first.unchanged == 1)
            #expect(
                try rows(connection) == [
                    "openai/new 4000000000 2020-01-01", "openai/old 3000000000 2020-01-01",
                    "openai/old 2000000000 2026-11-21", "openai/same 1000000000 2020-01-01",
                ])
            #expect(
                try rows(connection, meter: "output_tokens") == [
                    "openai/new 1000000000 2020-01-01", "openai/old 1000000000 2026-11-21",
                    "openai/same 1000000000 2026-11-21",
                ])
            let second = try PriceStore.add(
                map.files, from: .revisions(at: day.startUTC), isDryRun: false, connection
            ).change
            #expect(second.added == 0 && second.unchanged == 6)
            let later = CalendarDay(text: "2026-12-01")!
            let third = try PriceStore.add(
                self.map([("new", "openai", "5e-06")]).files, from: .at(later.startUTC), isDryRun: false, connection
            ).change
            #expect(third.added == 1)
            #expect(try rows(connection).contains("openai/new 5000000000 2026-12-01"))
        }
    }

    @Test("a map leaves alone what it does not say: who makes a model, how long its answers are, that a file was read")
    func unsaid() async throws {
        try await withBook { connection in
            _ = try PriceStore.add(
                [
                    file(
                        "nebius",
                        "  m:\n    max_output_tokens: 9\n" + model("m").split(separator: "\n", maxSplits: 1)[1],
                        maker: true)
                ], from: .asWritten, isDryRun: false, connection)
            try connection.execute("UPDATE price_provider SET file_digest = \([UInt8](repeating: 7, count: 32))")
            _ = try PriceStore.add(
                map([("nebius/m", "nebius", "2e-06"), ("groq/m", "groq", "2e-06")]).files, from: .asWritten,
                isDryRun: false, connection)
            let book = try ConfigurationStore.load(connection).configuration.prices
            #expect(book.name(of: "m", provider: nil) == ModelName(provider: "nebius", model: "m"))
            #expect(book.models[ModelName(provider: "nebius", model: "m")]?.maximumOutputTokens == 9)
            let digests = try connection.query("SELECT provider FROM price_provider WHERE file_digest IS NOT NULL")
            #expect(try digests.map { try $0.decode(String.self, at: 0) } == ["nebius"])
        }
    }

    @Test("an alias that a later file sells as a model is one")
    func aliasBecomesModel() async throws {
        try await withBook { connection in
            let aliased =
                "  m:\n    aliases: [n]\n    prices: [{from: 2020-01-01, standard: {input_tokens: \"1\"}}]\n"
            _ = try PriceStore.add([file("a", aliased)], from: .asWritten, isDryRun: false, connection)
            _ = try PriceStore.add([file("a", model("n", "2"))], from: .asWritten, isDryRun: false, connection)
            let book = try ConfigurationStore.load(connection).configuration.prices
            #expect(book.name(of: "n", provider: nil) == ModelName(provider: "a", model: "n"))
        }
    }

    @Test("the shipped folder loads, is loaded once, and has no findings; jumps are told of what is in use, or of all")
    func shippedFolder() async throws {
        try await withBook { connection in
            let first = try PriceStore.load(LedgerFixture.resources, connection)
            #expect(first.added > 15_000 && first.unchanged == 0)
            #expect(try PriceStore.load(LedgerFixture.resources, connection).added == 0)
            let release = try #require(try ConfigurationStore.priceRelease(connection)).date.daysSince1970
            func findings(daysAfter days: Int, ofAll isOfAll: Bool) throws -> [PriceFinding.Kind] {
                let day = CalendarDay(daysSince1970: release + days)
                return try PriceFinding.all(team: nil, ofAllModels: isOfAll, on: day, connection).map(\.kind)
            }
            #expect(try findings(daysAfter: 0, ofAll: false).isEmpty)
            let all = Set(try findings(daysAfter: -3650, ofAll: true))
            #expect(all == [.jump, .disputed])
            #expect(try Set(findings(daysAfter: 3650, ofAll: true)) == [.disputed], "a jump of long ago is told")
        }
    }

    @Test("a check finds what is wrong with the book and with what is used of it")
    func findings() async throws {
        try await withBook { connection in
            let gap = "  g:\n    prices: [{from: 2020-01-01, until: 2021-01-01, standard: {input_tokens: \"1\"}}]\n"
            _ = try PriceStore.add(
                [
                    file("a", gap + model("j") + model("shared")),
                    file("b", model("shared") + model("made")), file("c", model("made"), maker: true),
                ], from: .asWritten, isDryRun: false, connection)
            _ = try PriceStore.add(
                [
                    file(
                        "a",
                        model("g", from: "2022-01-01") + model("j", "11", from: "2030-01-01") + model("shared", "2"))
                ],
                from: .asWritten, isDryRun: false, connection)
            for team in ["t", "u"] { _ = try TeamStore.create(team, connection) }
            _ = try LadderStore.put(
                Ladder(team: "t", feature: "f", models: ["shared", "made", "a/shared"], floor: nil), connection)
            try LedgerFixture.use("nowhere", of: "", daysAgo: 0, unpriced: 3, connection)
            try LedgerFixture.use("nowhere", of: "", daysAgo: 30, unpriced: 1, connection)
            try LedgerFixture.use("j", of: "a", daysAgo: 5, unpriced: 1, team: "u", connection)
            try LedgerFixture.use("old", of: "a", daysAgo: 31, unpriced: 9, connection)
            try LedgerFixture.use("made", of: "c", daysAgo: 1, unpriced: 0, connection)

            let findings = try PriceFinding.all(team: nil, connection)
            #expect(
                findings.map { "\($0.kind.rawValue) \($0.provider ?? "-") \($0.model)" } == [
                    "gap a g", "jump a j", "unpriced_in_use - nowhere", "unpriced_in_use a j",
                    "ambiguous - shared",
                ])
            let details = findings.dropFirst(2).map(\.detail)
            #expect(
                details == [
                    "not priced: 4 calls of the last 31 days; the price book does not have it",
                    "not priced: 1 call of the last 31 days; "
                        + "it has prices: a meter of these calls had none when they were made, or their usage was not "
                        + "complete (report usage-warnings)",
                    "is sold by a, b; name one as provider/model on the ladder of t/f",
                ])
            #expect(
                try PriceFinding.all(team: "u", connection).dropFirst(2).map(\.model) == ["j"],
                "a team sees nothing of another one's use")
        }
    }
}
