import Accounting
import Postgres
import PostgresTesting
import Pricing
import Testing

@testable import Ledger

@Suite("Prices and tokens in the database") struct StoreTests {
    private func add(
        _ text: String, from start: PriceStore.Start = .asWritten, isDryRun: Bool = false, _ connection: Connection
    ) throws -> PriceStore.Change {
        let file = try PriceFile.parse(text, fileName: "maker.yaml")
        return try PriceStore.add([file], from: start, isDryRun: isDryRun, connection).change
    }

    @Test("are added where they differ from what is in force, and only there")
    func changedRows() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            #expect(try fixture.count("price") == 6)
            let same = try add(LedgerFixture.priceFile, connection)
            #expect((same.added, same.unchanged) == (0, 6))
            let november = PriceStore.Start.at(CalendarDay(text: "2026-11-01")!.startUTC)
            let dearer = LedgerFixture.priceFile.replacing(#"output_tokens: "0.001""#, with: #"output_tokens: "0.002""#)
            let dry = try add(dearer, from: november, isDryRun: true, connection)
            #expect((dry.added, dry.unchanged) == (1, 5))
            #expect(dry.addedModels == ["haiku"])
            #expect(try fixture.count("price") == 6)
            #expect(try add(dearer, from: november, connection).added == 1)
            #expect(try add(dearer, from: november, connection).added == 0)
            #expect(try fixture.count("price") == 7)
            // The original file adds nothing: its prices already hold from the days it states.
            #expect(try add(LedgerFixture.priceFile, connection).added == 0)
            let prices = try ConfigurationStore.load(connection).configuration.prices
            let haiku = try #require(prices.models[ModelName(provider: "maker", model: "haiku")])
            func rate(_ moment: String) -> Int64? {
                haiku.card(tier: .standard, contextTokens: 1, at: Timestamp(rfc3339: moment)!)?.rate(for: .output)?
                    .halfFemtodollarsPerUnit
            }
            #expect(rate("2026-10-31T23:59:59Z") == 2_000_000)
            #expect(rate("2026-11-01T00:00:00Z") == 4_000_000)
            #expect(throws: PostgresError.self) { try connection.execute("UPDATE price SET femtodollars_per_unit = 1") }
            #expect(throws: PostgresError.self) { try connection.execute("DELETE FROM price") }
        }
    }

    @Test("are read again only where a file has changed")
    func shipped() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let first = try PriceStore.load(LedgerFixture.resources, connection)
            #expect(first.added > 1000)
            let again = try PriceStore.load(LedgerFixture.resources, connection)
            #expect((again.added, again.unchanged) == (0, 0))
        }
    }

    @Test("are compiled after their transaction, which must not wait so long")
    func compiledAfterwards() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            _ = await replica.report(LedgerFixture.event("e-1", replica, "unknown"))
            _ = try PriceStore.load(LedgerFixture.resources, fixture.connect())
            var limits = SessionLimits()
            limits.idleInTransaction = .milliseconds(300)
            let connection = try Connection(connectionString: fixture.database.connectionString, limits: limits)
            #expect(try ConfigurationStore.load(connection).configuration.prices.models.count > 1000)
            var rerating = Rerating(.unpriced, within: .standard)
            #expect(try rerating.next(at: SystemClock.wallTime(), connection).unpriced.count == 1)
        }
    }

    @Test("of access are kept as hashes alone, found by their text and gone when revoked")
    func tokens() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let (text, token) = try TokenStore.create(role: .team, team: "t", connection)
            #expect(text.hasPrefix("pur_") && text.utf8.count >= 40)
            #expect(throws: StoreFailure.self) { try TokenStore.create(role: .team, team: "nobody", connection) }
            let dump = try connection.query("SELECT token::text FROM token")[0].decode(String.self, at: 0)
            #expect(!dump.contains(text) && !dump.contains(text.dropFirst(4)))
            #expect(try TokenStore.find(text, connection)?.id == token.id)
            #expect(try TokenStore.find(text + "x", connection) == nil)
            _ = try TokenStore.revoke(token.id, connection)
            #expect(try TokenStore.find(text, connection) == nil)
            #expect(throws: StoreFailure.self) { try TokenStore.revoke(99, connection) }
        }
    }

    @Test("come with ladders, of teams that exist")
    func ladders() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let ladder = Ladder(team: "t", feature: "f", models: ["opus", "haiku"], floor: "opus")
            _ = try LadderStore.put(ladder, connection)
            _ = try LadderStore.put(Ladder(team: "t", feature: nil, models: ["haiku"], floor: nil), connection)
            #expect(try LadderStore.list(team: "t", connection).count == 2)
            #expect(throws: StoreFailure.self) {
                try LadderStore.put(Ladder(team: "x", feature: nil, models: ["haiku"], floor: nil), connection)
            }
            let configuration = try ConfigurationStore.load(connection).configuration
            #expect(configuration.ladder(for: Attribution(team: "t", feature: "f"))?.map(\.model) == ["opus"])
            #expect(configuration.ladder(for: Attribution(team: "t"))?.map(\.model) == ["haiku"])
            _ = try LadderStore.remove(team: "t", feature: "f", connection)
            #expect(throws: StoreFailure.self) { try LadderStore.remove(team: "t", feature: "f", connection) }
        }
    }
}
