import Postgres
import Testing

@testable import Accounting
@testable import Ledger

@Suite("A request that is settled and asked for again") struct SettledRequestTests {
    private func expectSettled(_ replica: Replica, _ requestID: String) async throws {
        let again = try await replica.verdict(LedgerFixture.call(requestID, tokens: 10))
        #expect(again.kind == .deny)
        #expect(again.reason?.code == .requestSettled)
        #expect(replica.status.openHolds == 0)
    }

    @Test("is denied by the replica that settled it, whoever made the hold, and by one that starts later")
    func denied() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let (first, second) = (try fixture.replica(), try fixture.replica())
            #expect(await first.settle(try await first.hold("own", tokens: 10), tokens: 5).word == "recorded")
            try await expectSettled(first, "own")
            #expect(await second.settle(try await first.hold("other's", tokens: 10), tokens: 5).word == "recorded")
            try await expectSettled(second, "other's")
            let third = try fixture.replica()
            try await expectSettled(third, "own")
            try await expectSettled(third, "other's")
            for replica in [first, second, third] { await replica.drain() }
            try fixture.expectNoProblems()
        }
    }

    @Test("is admitted where the ledger has no entry of it: its hold was voided, or its key has gone")
    func admitted() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let replica = try fixture.replica()
            #expect(await replica.void(try await replica.hold("voided", tokens: 10)).word == "ended")
            #expect(try await replica.verdict(LedgerFixture.call("voided", tokens: 10)).kind == .admit)
            #expect(await replica.settle(try await replica.hold("gone", tokens: 10), tokens: 5).word == "recorded")
            try fixture.connect().execute("DELETE FROM entry_key WHERE id = 'gone'")
            #expect(try await replica.verdict(LedgerFixture.call("gone", tokens: 10)).kind == .admit)
            await replica.drain()
        }
    }
}
