import Accounting
import Postgres
import Pricing
import Testing

@testable import Ledger

/// A model that costs 1,000 nanodollars a second of audio.
@Suite("A least quantity in the database") struct LeastQuantityStoreTests {
    private static let whisper = ModelName(provider: "maker", model: "whisper")
    private static let plain = "\"0.000001\""
    private static let least = "{price: \"0.000001\", least: 10}"

    @discardableResult private static func price(
        _ fixture: LedgerFixture, _ price: String, from: String = "2020-01-01"
    ) throws -> PriceStore.Change {
        let text = """
            provider: maker
            maker: true
            source: s
            retrieved: 2026-11-21
            currency: USD
            per: 1000000 tokens
            models:
              whisper:
                prices: [{from: \(from), each: {audio_input_seconds: \(price)}}]
            """
        let file = try PriceFile.parse(text, fileName: "maker.yaml")
        return try PriceStore.add([file], from: .asWritten, isDryRun: false, fixture.connect()).change
    }

    private static func agree(_ fixture: LedgerFixture, least: Int64?) throws {
        let rate = AgreedRate(
            meter: "audio_input_seconds", tier: .standard, aboveContextTokens: 0, femtodollarsPerUnit: 500_000_000,
            leastQuantity: least)
        let draft = AgreementDraft(
            name: "a\(least ?? 0)", team: nil, provider: "maker", model: "whisper", terms: .rates([rate]),
            validFrom: Timestamp(dayOrTime: "2026-01-01")!, validUntil: nil, note: "")
        for isNew in [true, false] {
            #expect(try AgreementStore.put(draft, changedBy: "test", fixture.connect()).isNew == isNew)
        }
    }

    /// Reports a call with these seconds of audio, each in a pass of its own if there are several.
    private static func report(_ id: String, _ seconds: [Int64], _ fixture: LedgerFixture) async throws {
        let replica = try fixture.replica()
        let quantities = Quantities(
            stored: seconds.enumerated().map { pass, seconds in
                Quantities.Line(meter: .audioInputSeconds, quantity: seconds, passTokens: Int64(pass))
            })
        let now = SystemClock.wallTime()
        let entry = LedgerEntry(
            occurredAt: now, recordedAt: now, source: "job", requestID: id, who: Attribution(team: "t"),
            requestedModel: "whisper", model: whisper, tier: .standard,
            usage: Usage(format: .purser, quantities: quantities, raw: nil, residualTokens: 0),
            rated: replica.configuration.rater.rate(
                quantities, of: "t", on: whisper, tier: .standard, region: nil, at: now))
        #expect(await replica.report(entry).word == "recorded")
        await replica.drain()
    }

    private static func rerate(_ fixture: LedgerFixture) async throws -> Int64 {
        let replica = try fixture.replica()
        defer { withExtendedLifetime(replica) {} }
        let summary = try await CorrectionRun(RerateScope(), on: replica).run()
        await replica.drain()
        return Int64(summary.differenceNanodollars)
    }

    private static func costs(_ fixture: LedgerFixture) throws -> [Int64] {
        try fixture.connect().query("SELECT effective_cost_nanodollars FROM ledger ORDER BY entry_id")
            .map { try $0.decode(Int64.self, at: 0) }
    }

    @Test("is read as it was imported; a row that has another is new, and says what was before")
    func roundTrip() async throws {
        try await LedgerFixture.with { fixture in
            for (price, added, former, now) in [
                (Self.plain, 2, nil, nil), (Self.least, 2, nil, 10), (Self.least, 0, nil, nil),
                (Self.plain, 2, 10, nil), (Self.least, 2, nil, 10),
            ] as [(String, Int, Int64?, Int64?)] {
                let change = try Self.price(fixture, price)
                #expect(change.added == added)
                #expect(change.rows.allSatisfy { $0.formerLeastQuantity == former && $0.leastQuantity == now })
            }
            try Self.price(fixture, "{price: \"0.000001\", least: 20}", from: "2026-08-16T16:00:00Z")
            let rows = try PriceStore.list(model: "whisper", provider: nil, fixture.connect())
            #expect(rows.filter { $0.supersededBy == nil }.map(\.price.leastQuantity) == [10, 20, 10, 20])
            let prices = try ConfigurationStore.load(fixture.connect()).configuration.prices.models[Self.whisper]
            for (moment, least) in [("2026-08-16T15:59:59Z", 10), ("2026-08-16T16:00:00Z", 20)] {
                let card = prices?.card(tier: .standard, contextTokens: 1, at: Timestamp(rfc3339: moment)!)
                #expect(card?.rate(for: .audioInputSeconds)?.leastQuantity == Int64(least), "\(moment)")
            }
        }
    }

    @Test(
        "of tokens, or of nothing, is refused by the database",
        arguments: ["'input_tokens', 10", "'images', 0", "'images', -1"])
    func refused(row: String) async throws {
        try await LedgerFixture.with { fixture in
            #expect(throws: PostgresError.self) {
                try fixture.connect().executeScript(
                    """
                    INSERT INTO price (provider, model, meter, least_quantity, service_tier, above_context_tokens,
                        femtodollars_per_unit, valid_from, source)
                    VALUES ('maker', 'opus', \(row), 'standard', 0, 1, now(), 's')
                    """)
            }
        }
    }

    @Test("is charged, found again by a re-rating, and proved by a verification, which misses it if it is changed")
    func charged() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000_000)]) { fixture in
            try Self.price(fixture, Self.plain)
            try await Self.report("before", [3], fixture)
            try Self.price(fixture, Self.least)
            try await Self.report("short", [3], fixture)
            try await Self.report("passes", [2, 3, 4], fixture)
            try await Self.report("long", [7, 8], fixture)
            #expect(try Self.costs(fixture) == [3000, 10_000, 10_000, 15_000])
            try fixture.expectNoProblems()
            #expect(try await Self.rerate(fixture) == 7000)
            #expect(try await Self.rerate(fixture) == 0)
            try fixture.expectNoProblems()
            #expect(try fixture.window().spent == 45_000)
            let quantities = try fixture.connect().query("SELECT quantities FROM ledger ORDER BY entry_id")
                .map { try $0.decode([Int64].self, at: 0) }
            #expect(quantities == [[3], [3], [2, 3, 4], [7, 8], [3]])

            try fixture.connect().executeScript(
                "SET session_replication_role = replica; UPDATE price SET least_quantity = 9 WHERE least_quantity = 10")
            let problems = try fixture.problems()
            // Two entries, by the list and as they are paid, and a call with its correction.
            #expect(problems.count == 5 && problems.count { $0.contains("with its corrections") } == 1, "\(problems)")
        }
    }

    @Test(
        "of the list is charged at an agreed rate too, unless the rate has its own",
        arguments: [(nil, 5000), (1, 1500), (4, 2000)] as [(Int64?, Int64)])
    func agreed(own: Int64?, nanodollars: Int64) async throws {
        try await LedgerFixture.with { fixture in
            try Self.price(fixture, Self.least)
            try Self.agree(fixture, least: own)
            let listed = try AgreementStore.list(team: nil, fixture.connect()).map(\.agreement.terms)
            guard case .rates(let rates)? = listed.first else { throw NoHold() }
            #expect(rates.map(\.leastQuantity) == [own])
            try await Self.report("r", [3], fixture)
            #expect(try Self.costs(fixture) == [nanodollars])
            try fixture.expectNoProblems()
            #expect(try await Self.rerate(fixture) == 0)
        }
    }
}
