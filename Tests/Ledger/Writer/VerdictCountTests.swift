import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("Verdict counts") struct VerdictCountTests {
    @Test("are written with the settlement of a downgrade, so that no report has that without its verdict")
    func beforeSettlements() async throws {
        let budget = LedgerFixture.budget(limit: 300, scope: Scope(team: "t", model: "opus"))
        try await LedgerFixture.with([budget]) { fixture in
            _ = try LadderStore.put(
                Ladder(team: "t", feature: nil, models: ["opus", "haiku"], floor: nil), fixture.connect())
            let replica = try fixture.replica()
            // Nothing here calls `tick`, which writes the counts of other calls once a second.
            let plain = try await replica.hold("plain", tokens: 10)
            #expect(await replica.settle(plain, tokens: 10).word == "recorded")
            #expect(try fixture.count("verdict_count") == 0)

            let lower = try await replica.hold("lower", tokens: 25)
            #expect(lower.model.model == "haiku")
            var entry = replica.entry(settling: lower, tokens: 25)
            entry.requestedCost = Money(nanodollars: 250)
            #expect(await replica.record(entry, isOccurredAtGiven: false).word == "recorded")
            #expect(try fixture.count("verdict_count", where: "verdict = 'downgrade'") == 1)
            await replica.drain()
        }
    }
}
