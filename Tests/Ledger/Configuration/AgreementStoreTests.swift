import Accounting
import Postgres
import Pricing
import Testing

@testable import Ledger

@Suite("Agreements") struct AgreementStoreTests {
    private static func draft(
        _ name: String = "a", team: String? = nil, provider: String? = nil, model: String? = nil,
        terms: AgreementDraft.Terms = .share(Fraction(millionths: 900_000)), from: String = "2026-01-01T00:00:00Z",
        until: String? = nil
    ) -> AgreementDraft {
        AgreementDraft(
            name: name, team: team, provider: provider, model: model, terms: terms,
            validFrom: Timestamp(rfc3339: from)!, validUntil: until.map { Timestamp(rfc3339: $0)! }, note: "")
    }

    /// An agreement on opus at 6 nanodollars a token instead of 10.
    private static let committed = draft(
        "commit", provider: "maker", model: "opus",
        terms: .rates([
            AgreedRate(meter: "input_tokens", tier: .standard, aboveContextTokens: 0, femtodollarsPerUnit: 6_000_000)
        ]))

    @discardableResult private static func put(
        _ draft: AgreementDraft, _ fixture: LedgerFixture
    ) throws -> AgreementStore.Stored {
        try AgreementStore.put(draft, changedBy: "test", fixture.connect())
    }

    @Test("are read as they were put, and again are the same") func roundTrip() async throws {
        try await LedgerFixture.with { fixture in
            for draft in [Self.draft(), Self.draft("t", team: "t", provider: "maker"), Self.committed] {
                #expect(try Self.put(draft, fixture).isNew)
                let again = try Self.put(draft, fixture)
                #expect(!again.isNew && again.listed.agreement.name == draft.name)
            }
            let listed = try AgreementStore.list(team: nil, fixture.connect()).map(\.agreement)
            #expect(listed.map(\.name) == ["a", "commit", "t"])
            #expect(listed[0].terms == .share(Fraction(millionths: 900_000)) && listed[2].team == "t")
            guard case .rates(let rates) = listed[1].terms else {
                Issue.record("\(listed[1])")
                return
            }
            #expect(rates.map(\.femtodollarsPerUnit) == [6_000_000] && rates[0].meter == .input)
            #expect(try AgreementStore.list(team: "other", fixture.connect()).map(\.agreement.name) == ["a", "commit"])
            #expect(try ConfigurationStore.load(fixture.connect()).configuration.agreements.agreements == listed)
        }
    }

    @Test(
        "never change but in their end",
        arguments: [
            (draft(team: "t"), "/team"), (draft(provider: "maker"), "/provider"),
            (draft(provider: "maker", model: "opus"), "/provider"),
            (draft(terms: .share(Fraction(millionths: 800_000))), "/discount"),
            (draft(terms: .share(Fraction(millionths: 1_100_000))), "/markup"), (draft(terms: .rates([])), "/rates"),
            (draft(from: "2026-01-02T00:00:00Z"), "/valid_from"), (draft(until: "2026-12-01T00:00:00Z"), nil),
        ] as [(AgreementDraft, String?)])
    func immutable(changed: AgreementDraft, pointer: String?) async throws {
        try await LedgerFixture.with { fixture in
            try Self.put(Self.draft(), fixture)
            do {
                let stored = try Self.put(changed, fixture)
                #expect(pointer == nil && stored.listed.agreement.validUntil == changed.validUntil)
            } catch StoreFailure.invalid(let refused, _) {
                #expect(refused == pointer)
                #expect(try AgreementStore.list(team: nil, fixture.connect())[0].agreement.team == nil)
            }
        }
    }

    @Test("of unknown teams are not made; none is edited or deleted behind the server") func guarded() async throws {
        try await LedgerFixture.with { fixture in
            #expect(throws: StoreFailure.self) { try Self.put(Self.draft(team: "nobody"), fixture) }
            try Self.put(Self.committed, fixture)
            for statement in [
                "UPDATE agreement SET provider = 'x'", "DELETE FROM agreement",
                "UPDATE agreement_rate SET femtodollars_per_unit = 1", "DELETE FROM agreement_rate",
            ] as [SQL] {
                #expect(throws: PostgresError.self) { try fixture.connect().execute(statement) }
            }
        }
    }

    @Test("end now, or never apply where they have not begun") func end() async throws {
        try await LedgerFixture.with { fixture in
            try Self.put(Self.draft("begun"), fixture)
            try Self.put(Self.draft("coming", from: "2999-01-01T00:00:00Z"), fixture)
            try Self.put(Self.draft("over", until: "2026-02-01T00:00:00Z"), fixture)
            for name in ["begun", "coming", "over"] { _ = try AgreementStore.end(name, fixture.connect()) }
            let listed = try AgreementStore.list(team: nil, fixture.connect()).map(\.agreement)
            let now = SystemClock.wallTime()
            let untils = try listed.map { try #require($0.validUntil) }
            #expect(untils[0] > now.adding(seconds: -60) && untils[0] <= now)
            #expect(untils[1] == listed[1].validFrom && untils[2] == Timestamp(rfc3339: "2026-02-01T00:00:00Z"))
            #expect(throws: StoreFailure.self) { try AgreementStore.end("unknown", fixture.connect()) }
        }
    }

    /// The request id, list cost, effective cost and agreement of each entry, in the order of the entries. The last
    /// column is "rates" where agreed rates were charged.
    private static func costs(_ fixture: LedgerFixture) throws -> [[String?]] {
        try fixture.connect().query(
            """
            SELECT l.request_id, l.list_cost_nanodollars::text, l.effective_cost_nanodollars::text, g.name, a.price_ids IS NOT NULL
            FROM ledger l LEFT JOIN entry_agreement a USING (entry_id) LEFT JOIN agreement g USING (agreement_id)
            ORDER BY l.entry_id
            """
        ).map {
            let (id, list, cost, name, hasPrices) = try $0.decode((String, String?, String?, String?, Bool).self)
            return [id, list, cost, name, hasPrices ? "rates" : nil]
        }
    }

    @Test("set what calls are held at, cost and charge, with the list cost beside it") func charged() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000_000)]) { fixture in
            try Self.put(Self.draft(), fixture)
            try Self.put(Self.committed, fixture)
            let replica = try fixture.replica()
            let hold = try await replica.hold("r", tokens: 50)
            #expect(hold.estimate == Money(nanodollars: 300))
            #expect(await replica.settle(hold, tokens: 20).word == "recorded")
            #expect(await replica.report(LedgerFixture.event("e", replica, "sonnet", tokens: 20)).word == "recorded")
            #expect(await replica.report(LedgerFixture.event("u", replica, "nova", tokens: 20)).word == "recorded")
            #expect(
                try Self.costs(fixture) == [
                    ["r", "200", "120", "commit", "rates"], ["e", "80", "72", "a", nil], ["u", nil, nil, nil, nil],
                ])
            #expect(try fixture.window().spent == 192)
            let sums = try fixture.connect().query(
                "SELECT sum(list_cost_nanodollars)::bigint, sum(effective_cost_nanodollars)::bigint FROM rollup")
            let (list, cost) = try sums[0].decode((Int64, Int64).self)
            #expect(list == 280 && cost == 192)
            try fixture.expectNoProblems()
            for tampering in [
                "UPDATE agreement SET share_millionths = 800000 WHERE name = 'a'",
                "UPDATE agreement_rate SET femtodollars_per_unit = femtodollars_per_unit + 1000000",
                "DELETE FROM entry_agreement WHERE price_ids IS NULL",
            ] {
                try fixture.connect().executeScript("SET session_replication_role = replica; \(tampering);")
                #expect(try fixture.problems().count == 1, "\(tampering)")
                try fixture.connect().executeScript(
                    """
                    SET session_replication_role = replica;
                    UPDATE agreement SET share_millionths = 900000 WHERE name = 'a';
                    UPDATE agreement_rate SET femtodollars_per_unit = 6000000;
                    """)
            }
            await replica.drain()
        }
    }

    @Test("that are made late are what recorded calls are rated by again, and so is their end") func rerated()
        async throws
    {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000_000)]) { fixture in
            let replica = try fixture.replica()
            #expect(await replica.report(LedgerFixture.event("e", replica)).word == "recorded")
            func rerate() async throws -> Int64 {
                try await CorrectionRun(RerateScope(), on: replica).run().correctedCalls
            }
            for (draft, corrected, spent) in [
                (Self.draft(), 1, 90), (Self.committed, 1, 60), (Self.draft(until: "2026-02-01T00:00:00Z"), 0, 60),
            ] as [(AgreementDraft, Int64, Int64)] {
                #expect(await replica.awaitConfiguration(try Self.put(draft, fixture).configurationVersion))
                #expect(try await rerate() == corrected)
                #expect(try fixture.window().spent == spent)
                try fixture.expectNoProblems()
            }
            // The list price changes; the agreed rate does not.
            let text = LedgerFixture.priceFile.replacing("\"0.01\"", with: "\"0.02\"")
            let file = try PriceFile.parse(text, fileName: "maker.yaml")
            _ = try PriceStore.add([file], from: .asWritten, isDryRun: false, fixture.connect())
            #expect(try await rerate() == 1)
            #expect(
                try Self.costs(fixture) == [
                    ["e", "100", "100", nil, nil], ["e", "0", "-10", "a", nil], ["e", "0", "-30", "commit", "rates"],
                    ["e", "100", "0", "commit", "rates"],
                ])
            #expect(try fixture.window().spent == 60)
            try fixture.expectNoProblems()
            await replica.drain()
        }
    }
}
