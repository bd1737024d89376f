import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("What changes while a writer remembers it") struct MeanwhileTests {
    private let user = Attribution(team: "t", user: "someone")

    @Test("a user whose name was erased gets another number, and the entries from before stay without a name")
    func erasedUser() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            func report(_ id: String) async -> String {
                await replica.report(LedgerFixture.event(id, replica, who: user)).word
            }
            for id in ["a", "b"] { #expect(await report(id) == "recorded") }
            try fixture.connect().execute("UPDATE person SET name = NULL WHERE name = 'someone'")
            for id in ["c", "d"] { #expect(await report(id) == "recorded") }
            let names = try fixture.connect().query(
                "SELECT request_id || COALESCE(\"user\", '') FROM ledger_entry ORDER BY request_id"
            ).map { try $0.decode(String.self, at: 0) }
            #expect(names == ["a", "b", "csomeone", "dsomeone"])
            #expect(try fixture.count("person") == 2)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("an entry whose months were all closed meanwhile goes to the first that is not, which is made for it")
    func closedMonths() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            #expect(await replica.report(LedgerFixture.event("a", replica)).word == "recorded")
            let last = try lastMonth(fixture)
            try fixture.connect().closeMonths()
            #expect(await replica.report(LedgerFixture.event("b", replica)).word == "recorded")
            #expect(try lastMonth(fixture) == last.next)
            let booked: SQL = "request_id = 'b' AND booking_month = \(last.next.firstDay)"
            #expect(try fixture.count("ledger", where: booked) == 1)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    private func lastMonth(_ fixture: LedgerFixture) throws -> CalendarMonth {
        try fixture.connect().query("SELECT max(month) FROM month")[0].decode(CalendarDay.self, at: 0).month
    }

    @Test("usage that is refused under ids that exist is kept in the order of these ids, whatever order it came in")
    func disputed() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            let ids = ["c", "a", "d", "b"]
            for id in ids { #expect(await replica.report(LedgerFixture.event(id, replica)).word == "recorded") }
            // A batch of another replica, all of it with other content.
            let other = try fixture.replica()
            let jobs = ids.map { id in
                LedgerJob.record(
                    Posting(LedgerFixture.event(id, other, tokens: 11), isOccurredAtGiven: true), charges: [])
            }
            var session = WriterSession(replicaID: other.id)
            var batch = session.prepare(jobs, VerdictNotes(), other.configuration)
            let committed = try batch.commit(on: fixture.connect(), mayBeCommitted: false)
            #expect(committed.outcomes.count == 4)
            let kept = try fixture.connect().query("SELECT id FROM disputed ORDER BY disputed_id")
                .map { try $0.decode(String.self, at: 0) }
            #expect(kept == ids.sorted())
            await replica.drain()
            await other.drain()
        }
    }
}
