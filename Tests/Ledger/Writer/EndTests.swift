import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("A hold in the database") struct EndTests {
    @Test("ends once: of void and settle the first counts, and a settlement is charged all the same")
    func voidAndSettle() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let replica = try fixture.replica()
            let first = try await replica.hold("a", tokens: 50)
            #expect(await replica.void(first).word == "ended")
            #expect(await replica.void(first).word == "already voided")
            #expect(await replica.settle(first, tokens: 20).word == "recorded")
            #expect(try fixture.window().spent == 200)
            let second = try await replica.hold("b", tokens: 50)
            #expect(await replica.settle(second, tokens: 20).word == "recorded")
            #expect(await replica.void(second).word == "already settled")
            #expect(try fixture.window().spent == 400)
            let how = try fixture.connect().query("SELECT how FROM hold_end ORDER BY hold_number")
            #expect(try how.map { try $0.decode(String.self, at: 0) } == ["voided", "settled"])
            #expect(replica.status.openHolds == 0)
            await replica.drain()
            #expect(try fixture.window().leased == 0)
            try fixture.expectNoProblems()
        }
    }

    @Test("that expires leaves a record, and a late settlement charges unreserved")
    func expiry() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let replica = try fixture.replica()
            let hold = try await replica.hold(LedgerFixture.call("r", tokens: 50, holdSeconds: 1))
            #expect(try fixture.count("unsettled") == 0)
            try await eventually {
                replica.tick()
                return replica.status.openHolds == 0
            }
            let record = try fixture.connect().query(
                "SELECT kind, team, request_id, model, amount FROM unsettled")[0]
            let (kind, team, request, model, amount) = try record.decode(
                (String, String, String, String, Int64).self)
            #expect([kind, team, request, model] == ["hold", "t", "r", "opus"])
            #expect(amount == 500)
            #expect(await replica.void(hold).word == "already expired")
            #expect(await replica.settle(hold, tokens: 30).word == "recorded")
            #expect(try fixture.window().spent == 300)
            #expect(try fixture.count("hold_end", where: "how = 'expired'") == 1)
            await replica.drain()
            #expect(try fixture.window().leased == 0)
            try fixture.expectNoProblems()
        }
    }

    @Test("is free again to its replica where its end was not even queued")
    func notTaken() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let replica = try fixture.replica()
            let hold = try await replica.hold("r", tokens: 50)
            await replica.drain()
            #expect(await replica.settle(hold, tokens: 20).word == "unavailable")
            let later = SystemClock.monotonicNanoseconds() + 601_000_000_000
            let expired = replica.core.withLock { core in
                core.update {
                    $0.beginExpiring(at: Moment(wall: hold.expiresAt, monotonicNanoseconds: later)).map(\.hold)
                }
            }
            #expect(expired == [hold])
            // Any other replica can end a hold of the drained replica.
            let other = try fixture.replica()
            #expect(await other.settle(hold, tokens: 20).word == "recorded")
            #expect(try fixture.window().leased == 0)
            await other.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("is released by a duplicate that ends it, wherever that was made")
    func releasedByDuplicate() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 100_000)]) { fixture in
            let replicas = [try fixture.replica(), try fixture.replica(), try fixture.replica()]
            var holds: [Hold] = []
            for replica in replicas { holds.append(try await replica.hold("r", tokens: 50)) }
            #expect(await replicas[0].settle(holds[0], tokens: 20).word == "recorded")
            #expect(await replicas[1].settle(holds[1], tokens: 20).word == "duplicate")
            #expect(await replicas[1].settle(holds[2], tokens: 20).word == "duplicate")
            for replica in replicas { try await eventually { replica.status.openHolds == 0 } }
            for replica in replicas { await replica.drain() }
            #expect(try fixture.window().spent == 200)
            #expect(try fixture.window().leased == 0)
            try fixture.expectNoProblems()
        }
    }
}
