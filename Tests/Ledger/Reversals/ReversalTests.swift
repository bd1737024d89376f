import Accounting
import Postgres
import Pricing
import Testing

@testable import Ledger

@Suite("Usage that is taken back") struct ReversalTests {
    private func reverse(_ ids: [String], _ replica: Replica) async throws -> ReversalSummary {
        try await ReversalRun(
            .ids(ids, source: "job", team: nil), by: "finance", reason: "sent twice", on: replica
        ).run()
    }

    @Test("costs nothing any more, in the ledger, in its sums and in its budgets, and stays there to be read")
    func sums() async throws {
        let budgets = [LedgerFixture.budget(limit: 1_000_000), LedgerFixture.budget("calls", limit: 100, unit: .calls)]
        try await LedgerFixture.with(budgets) { fixture in
            let replica = try fixture.replica()
            for id in ["a", "b", "c"] {
                #expect(await replica.report(LedgerFixture.event(id, replica, tokens: 30)).word == "recorded")
            }
            let summary = try await reverse(["a", "b", "nope", "a"], replica)
            #expect(summary.reversed.map(\.id).sorted() == ["a", "b"] && summary.difference == -600)
            #expect(summary.unknownIDs == ["nope"] && summary.alreadyReversed == 0)
            #expect(try fixture.window().spent == 300 && fixture.window("calls").spent == 1)
            #expect(try fixture.count("ledger") == 5)
            #expect(try fixture.count("ledger r JOIN ledger l ON l.entry_id = r.corrects_entry_id") == 2)
            #expect(
                try fixture.count("usage_reversal", where: "reason = 'sent twice' AND reversed_by = 'finance'") == 2)
            let (calls, cost) = try fixture.connect().query(
                "SELECT sum(calls)::bigint, sum(effective_cost_nanodollars)::bigint FROM rollup")[0]
                .decode((Int64, Int64).self)
            #expect(calls == 1 && cost == 300)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("twice, or by two at once, is taken back once") func twice() async throws {
        try await LedgerFixture.with { fixture in
            let (first, second) = (try fixture.replica(), try fixture.replica())
            let ids = (0..<30).map { "e\($0)" }
            for id in ids { #expect(await first.report(LedgerFixture.event(id, first)).word == "recorded") }
            async let one = reverse(ids, first)
            async let other = reverse(ids, second)
            let summaries = try await [one, other]
            #expect(summaries.reduce(0) { $0 + $1.reversed.count } == 30)
            #expect(summaries.reduce(0) { $0 + $1.alreadyReversed } == 30)
            #expect(try await reverse(ids, first).alreadyReversed == 30)
            #expect(try fixture.count("ledger") == 60)
            await first.drain()
            await second.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("is found without its key, and goes with its corrections") func corrected() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000_000)]) { fixture in
            let replica = try fixture.replica()
            let connection = try fixture.connect()
            #expect(await replica.report(LedgerFixture.event("a", replica)).word == "recorded")
            let dearer = LedgerFixture.priceFile.replacing("\"0.01\"", with: "\"0.02\"")
            _ = try PriceStore.add(
                [PriceFile.parse(dearer, fileName: "maker.yaml")], from: .asWritten, isDryRun: false, connection)
            #expect(try await CorrectionRun(RerateScope(), on: replica).run().correctedCalls == 1)
            try connection.execute("DELETE FROM entry_key WHERE id = 'a'")
            #expect(try await reverse(["a"], replica).difference == -200)
            #expect(try fixture.window().spent == 0)
            #expect(try await CorrectionRun(RerateScope(), on: replica).run().correctedCalls == 0)
            await replica.drain()
        }
    }
}
