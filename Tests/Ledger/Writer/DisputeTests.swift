import Foundation
import Postgres
import Pricing
import Testing

@testable import Accounting
@testable import Ledger

@Suite("Disputed usage") struct DisputeTests {
    private static let decision = DisputeDecision(author: "finance", reason: "the first report lacked the output")

    private func entries(_ fixture: LedgerFixture) throws -> [String] {
        try fixture.connect().query(
            """
            SELECT kind || ' ' || effective_cost_nanodollars || ' ' || input_tokens || ' ' || COALESCE(feature, '-')
            FROM ledger ORDER BY batch_number, entry_id
            """
        ).map { try $0.decode(at: 0) }
    }

    private func disputes(_ fixture: LedgerFixture, team: String? = "t") throws -> [DisputedUsage] {
        try DisputedUsage.list(
            DisputedUsage.Filter(team: team, month: nil, state: nil), before: nil, limit: 9, fixture.connect())
    }

    private func accept(_ number: Int64, _ replica: Replica, _ fixture: LedgerFixture) async throws -> String? {
        guard let usage = try RefusedUsage(number, fixture.connect()) else { return nil }
        return await replica.accept(usage, Self.decision).word
    }

    /// Settles a hold, then again with other content, and returns the number of the dispute.
    private func dispute(_ replica: Replica, _ fixture: LedgerFixture) async throws -> (number: Int64, hold: Hold) {
        let who = Attribution(team: "t", feature: "f", user: "u", run: "r", tags: [Tag(key: "k", value: "v")])
        let hold = try await replica.hold(LedgerFixture.call("r", tokens: 10, who: who))
        #expect(await replica.settle(hold, tokens: 3).word == "recorded")
        #expect(await replica.settle(hold, tokens: 8).word == "conflict")
        return (try #require(try disputes(fixture).first).number, hold)
    }

    @Test("takes the place of what was committed once it is accepted, however often that is asked")
    func accepted() async throws {
        try await LedgerFixture.with([
            LedgerFixture.budget(limit: 10_000), LedgerFixture.budget("calls", limit: 9, unit: .calls),
        ]) {
            fixture in
            let (replica, other) = (try fixture.replica(), try fixture.replica())
            let (number, hold) = try await dispute(replica, fixture)
            let open = CountedCalls(.disputed)
            try open.read(fixture.connect())
            #expect(open.count == CountedCalls.Count(calls: 1, amount: Money(nanodollars: 80)))
            #expect(try fixture.window().spent == 30)
            // Two servers are asked at once: both have read it while it was open.
            let usage = try #require(try RefusedUsage(number, fixture.connect()))
            async let first = other.accept(usage, Self.decision)
            async let second = replica.accept(usage, Self.decision)
            #expect(Set([await first.word, await second.word]) == ["recorded", "duplicate"])
            #expect(try await accept(number, replica, fixture) == nil)
            #expect(try entries(fixture).sorted() == ["reversal -30 -3 f", "usage 30 3 f", "usage 80 8 f"])
            #expect(try fixture.window().spent == 80)
            #expect(try fixture.window("calls").spent == 1)
            let said = try fixture.connect().query(
                """
                SELECT run || tag_keys[1] || tag_values[1] || p.name FROM ledger l JOIN person p USING (user_id)
                WHERE kind <> 'reversal' AND effective_cost_nanodollars = 80
                """
            ).map { try $0.decode(String.self, at: 0) }
            #expect(said == ["rkvu"])
            let dispute = try #require(try disputes(fixture).first)
            #expect(
                dispute.state == .accepted && dispute.decidedBy == "finance" && dispute.reason == Self.decision.reason)
            let again = await replica.settle(hold, tokens: 8)
            #expect(again.word == "duplicate" && again.receipt?.entryID == dispute.entryID)
            #expect(await replica.settle(hold, tokens: 3).word == "conflict")
            try open.read(fixture.connect())
            #expect(open.count?.calls == 1)
            for replica in [replica, other] { await replica.drain() }
            #expect(try fixture.window().leased == 0)
            try fixture.expectNoProblems()
        }
    }

    @Test("that was accepted is taken back with its corrections by the next that is accepted, in the first open month")
    func acceptedTwice() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let replica = try fixture.replica()
            let (number, hold) = try await dispute(replica, fixture)
            #expect(await replica.settle(hold, tokens: 9).word == "conflict")
            #expect(try await accept(number, replica, fixture) == "recorded")
            let connection = try fixture.connect()
            let dearer = LedgerFixture.priceFile.replacingOccurrences(of: "\"0.01\"", with: "\"0.02\"")
            _ = try PriceStore.add(
                [PriceFile.parse(dearer, fileName: "maker.yaml")], from: .asWritten, isDryRun: false, connection)
            // Only what stands is rated anew.
            #expect(try await CorrectionRun(RerateScope(), on: replica).run().correctedCalls == 1)
            #expect(try fixture.window().spent == 160)
            try connection.closeMonths(where: "month = date_trunc('month', now())::date")
            let next = try #require(try disputes(fixture).first { $0.state == .open })
            #expect(try await accept(next.number, replica, fixture) == "recorded")
            #expect(try fixture.window().spent == 180)
            #expect(
                try fixture.count(
                    "ledger", where: "kind = 'reversal' AND effective_cost_nanodollars = -160 AND booking_month > day")
                    == 1)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("of events is each team's own")
    func events() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000, scope: Scope())]) { fixture in
            _ = try TeamStore.create("u", fixture.connect())
            let replica = try fixture.replica()
            for team in ["t", "u"] {
                let who = Attribution(team: team)
                #expect(await replica.report(LedgerFixture.event("e", replica, tokens: 1, who: who)).word == "recorded")
                #expect(await replica.report(LedgerFixture.event("e", replica, tokens: 5, who: who)).word == "conflict")
            }
            for team in ["u", "t"] {
                let dispute = try #require(try disputes(fixture, team: team).first)
                #expect(dispute.source == "job" && dispute.id == "e" && dispute.committedCost == Money(nanodollars: 10))
                #expect(try await accept(dispute.number, replica, fixture) == "recorded")
            }
            await replica.drain()
            #expect(try fixture.window().spent == 100)
            try fixture.expectNoProblems()
        }
    }

    @Test("that a version before has kept takes what it lacks from the committed entry")
    func earlierVersion() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let replica = try fixture.replica()
            let (number, _) = try await dispute(replica, fixture)
            try fixture.connect().execute("UPDATE disputed SET service_tier = NULL, feature = 'lost', tag_keys = NULL")
            #expect(try await accept(number, replica, fixture) == "recorded")
            await replica.drain()
            #expect(try entries(fixture).last == "reversal -30 -3 f" && entries(fixture).contains("usage 80 8 f"))
            try fixture.expectNoProblems()
        }
    }

    @Test("that a version before has refused for an estimate takes its place")
    func besidesEstimate() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let connection = try fixture.connect()
            _ = try TeamStore.change("t", .unsettled(.input), connection)
            let replica = try fixture.replica()
            _ = try await replica.hold(LedgerFixture.call("r", tokens: 10))
            try await replica.expireAll()
            try connection.execute(
                """
                INSERT INTO disputed (owner, id, digest, committed_entry_id, team, provider, model, meters, quantities,
                    cost_nanodollars, occurred_at)
                SELECT 'team:t', 'r', 'digest'::bytea, entry_id, team, provider, model, '{input_tokens}', '{8}', 80,
                    occurred_at
                FROM ledger
                """)
            #expect(try await accept(try #require(disputes(fixture).first).number, replica, fixture) == "recorded")
            #expect(try entries(fixture).sorted() == ["estimated 100 10 -", "reversal -100 -10 -", "usage 80 8 -"])
            #expect(try fixture.window().spent == 80)
            #expect(try fixture.count("unsettled", where: "entry_id IS NULL") == 0)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("that is dismissed changes nothing, and stays so")
    func dismissed() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let replica = try fixture.replica()
            let (number, _) = try await dispute(replica, fixture)
            let connection = try fixture.connect()
            for author in ["finance", "admin"] {
                try DisputedUsage.dismiss(number, DisputeDecision(author: author, reason: "sent twice"), connection)
                let dismissed = try DisputedUsage.find(number, connection)
                #expect(dismissed?.state == .dismissed && dismissed?.decidedBy == "finance")
            }
            #expect(try await accept(number, replica, fixture) == nil)
            #expect(try fixture.window().spent == 30)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("that was dismissed since it was read is not accepted")
    func dismissedMeanwhile() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let replica = try fixture.replica()
            let (number, _) = try await dispute(replica, fixture)
            let usage = try #require(try RefusedUsage(number, fixture.connect()))
            _ = try DisputedUsage.dismiss(number, Self.decision, fixture.connect())
            #expect(await replica.accept(usage, Self.decision).word == "unavailable")
            #expect(try disputes(fixture).map(\.state) == [.dismissed])
            #expect(try fixture.window().spent == 30)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }
}
