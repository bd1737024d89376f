import Accounting
import Postgres
import Pricing
import Testing

@testable import Ledger

@Suite("An id") struct EntryKeyTests {
    private static let newModel = """
        provider: other
        maker: true
        source: what the maker says
        retrieved: 2026-01-01
        currency: USD
        per: 1000000 tokens
        models:
          new:
            max_output_tokens: 50
            prices:
              - from: 2020-01-01
                standard: {input_tokens: "0.01", output_tokens: "0.01"}
        """

    /// The event of a router that says the model in its own words, as the price book of the replica has it now.
    private static func event(
        _ id: String, _ replica: Replica, saying model: String = "new", tokens: Int64 = 10, team: String = "t",
        at occurredAt: Timestamp
    ) -> LedgerEntry {
        var entry = LedgerFixture.event(
            id, replica, model, tokens: tokens, who: Attribution(team: team), at: occurredAt)
        entry.stated = LedgerEntry.Statement(model: model)
        return entry
    }

    private static func addPrices(_ fixture: LedgerFixture, _ replica: Replica) async throws {
        let prices = try PriceFile.parse(newModel, fileName: "other.yaml")
        _ = try PriceStore.add([prices], from: .asWritten, isDryRun: false, fixture.connect())
        let version = try ConfigurationStore.versions(fixture.connect()).configuration
        #expect(await replica.awaitConfiguration(version))
    }

    @Test("is the same again when the price book has learned the model since")
    func pricesSince() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            let now = SystemClock.wallTime()
            let first = Self.event("e", replica, at: now)
            #expect(first.model.provider.isEmpty)
            #expect(await replica.report(first).word == "recorded")
            let hold = try await replica.hold(LedgerFixture.call("r", "haiku"))
            var settlement = replica.entry(settling: hold, tokens: 5, model: first.model)
            settlement.stated = LedgerEntry.Statement(model: "new")
            #expect(await replica.record(settlement, isOccurredAtGiven: false).word == "recorded")
            try await Self.addPrices(fixture, replica)
            let again = Self.event("e", replica, at: now)
            #expect(again.model.provider == "other")
            #expect(await replica.report(again).word == "duplicate")
            settlement = replica.entry(settling: hold, tokens: 5, model: again.model)
            settlement.stated = LedgerEntry.Statement(model: "new")
            #expect(await replica.record(settlement, isOccurredAtGiven: false).word == "duplicate")
            #expect(await replica.report(Self.event("e", replica, tokens: 11, at: now)).word == "conflict")
            #expect(try fixture.count("ledger") == 2)
            #expect(try fixture.count("disputed") == 1)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("of a row that a server of the version before has written is compared as that version does")
    func versionBefore() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            let now = SystemClock.wallTime()
            let first = Self.event("e", replica, saying: "opus", at: now)
            #expect(await replica.report(first).word == "recorded")
            // That version reads the column `digest` alone, and finds what it would have written.
            let stored: [UInt8] = try fixture.connect().query("SELECT digest FROM entry_key")[0].decode(at: 0)
            #expect(stored == first.resolvedDigest(isOccurredAtGiven: true))
            try fixture.connect().execute("UPDATE entry_key SET said_digest = NULL")
            #expect(await replica.report(first).word == "duplicate")
            // Other words for the same.
            #expect(await replica.report(Self.event("e", replica, saying: "maker/opus", at: now)).word == "duplicate")
            #expect(await replica.report(Self.event("e", replica, saying: "haiku", at: now)).word == "conflict")
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("has the digest that the version before computes")
    func golden() {
        var quantities = Quantities()
        quantities.add(.input, 1200)
        quantities.add(.output, 310)
        var entry = LedgerEntry(
            occurredAt: Timestamp(seconds: 1_000_000), recordedAt: Timestamp(seconds: 2_000_000), source: "job",
            requestID: "e-1",
            who: Attribution(team: "t", feature: "f", user: "u", run: "r", tags: [Tag(key: "k", value: "v")]),
            requestedModel: "opus", model: ModelName(provider: "maker", model: "opus"), tier: .batch,
            usage: Usage(format: .purser, quantities: quantities, raw: nil, residualTokens: 0),
            rated: .unpriced(quantities))
        (entry.region, entry.providerRequestID, entry.providerCost) = ("eu", "p-1", Money(nanodollars: 7))
        (entry.latencyMilliseconds, entry.quality, entry.attempt) = (840, Fraction(millionths: 920_000), 2)
        func hex(_ digest: [UInt8]) -> String {
            digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
        #expect(hex(entry.resolvedDigest(isOccurredAtGiven: true)) == "7d88af450ee1d70fba96547bdb4ab1cd")
        #expect(hex(entry.resolvedDigest(isOccurredAtGiven: false)) == "18359f792c812da39949440e1dbcef5d")
    }

    @Test("of an event is its team's: another team may use it too", arguments: [true, false])
    func teams(isFirstOfVersionBefore: Bool) async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            _ = try TeamStore.create("u", connection)
            let replica = try fixture.replica()
            let now = SystemClock.wallTime()
            func report(_ team: String, tokens: Int64 = 10) async -> String {
                await replica.report(Self.event("e", replica, saying: "opus", tokens: tokens, team: team, at: now)).word
            }
            #expect(await report("t") == "recorded")
            try connection.execute("UPDATE entry_key SET recorded_at = recorded_at - interval '39 days'")
            if isFirstOfVersionBefore { try connection.execute("UPDATE entry_key SET said_digest = NULL") }
            #expect(await report("u", tokens: 11) == "recorded")
            // The first row must not be forgotten before the second: a retry would find the id free.
            #expect(try fixture.count("entry_key", where: "recorded_at > now() - interval '1 day'") == 2)
            #expect(await report("t") == "duplicate")
            #expect(await report("u", tokens: 11) == "duplicate")
            #expect(await report("t", tokens: 11) == "conflict")
            #expect(await report("u") == "conflict")
            #expect(try fixture.count("ledger") == 2)
            // The same in one batch, with new ids.
            let both = await withTaskGroup(of: String.self) { group in
                for id in 0..<20 {
                    for team in ["t", "u"] {
                        group.addTask {
                            await replica.report(Self.event("b\(id)", replica, saying: "opus", team: team, at: now))
                                .word
                        }
                    }
                }
                return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(both == ["recorded": 40])
            #expect(try fixture.count("ledger") == 42)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("of an entry that was rated by an older configuration is not claimed: it must be rated again")
    func outdated() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            var entry = Self.event("e", replica, at: SystemClock.wallTime())
            entry.configurationVersion = replica.configurationVersion
            try await Self.addPrices(fixture, replica)
            #expect(!replica.record(entry, isOccurredAtGiven: true) { _ in Issue.record("it was answered") })
            var again = Self.event("e", replica, at: entry.occurredAt)
            again.configurationVersion = replica.configurationVersion
            #expect(await replica.report(again).receipt?.cost == Money(nanodollars: 100))
            #expect(try fixture.count("ledger") == 1)
            await replica.drain()
        }
    }
}
