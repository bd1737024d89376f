import Postgres
import Testing

@testable import Accounting
@testable import Ledger

@Suite("Calls that nobody settled") struct UnsettledTests {

    @Test("are listed with their worst case, the newest first, until they are settled after all")
    func list() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let (replica, other) = (try fixture.replica(), try fixture.replica())
            var holds: [Hold] = []
            for (id, tokens) in [("a", Int64(10)), ("b", 20)] {
                holds.append(try await replica.hold(id, tokens: tokens))
                try await replica.expireAll()
            }
            let connection = try fixture.connect()
            func listed(team: String? = nil, before last: Int64? = nil, limit: Int64 = 9) throws -> [UnsettledRecord] {
                try UnsettledRecord.list(team: team, before: last, limit: limit, connection)
            }
            #expect(try listed().map(\.requestID) == ["b", "a"])
            #expect(try listed().map(\.amount) == [200, 100])
            #expect(try listed(team: "u").isEmpty)
            let first = try #require(try listed(team: "t", limit: 1).first)
            #expect(first.requestID == "b" && first.kind == .hold && first.model == "opus")
            #expect(try listed(before: first.id).map(\.requestID) == ["a"])
            let calls = CountedCalls(.unsettled)
            try calls.read(connection)
            #expect(calls.count == CountedCalls.Count(calls: 2, amount: Money(nanodollars: 300)))
            #expect(await other.settle(holds[0], tokens: 5).word == "recorded")
            #expect(try listed().map(\.requestID) == ["b"])
            // A duplicate finds the entry that is there.
            #expect(await other.settle(holds[1], tokens: 5).word == "recorded")
            try connection.execute("UPDATE unsettled SET entry_id = NULL")
            #expect(await replica.settle(holds[1], tokens: 5).word == "duplicate")
            #expect(try listed().map(\.requestID) == ["a"])
            for replica in [replica, other] { await replica.drain() }
            try fixture.expectNoProblems()
        }
    }

    @Test("are in the report of verdicts, in the month in which their holds expired")
    func report() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 10_000)]) { fixture in
            let replica = try fixture.replica()
            let settled = try await replica.hold("settled", tokens: 30)
            _ = try await replica.hold("a", tokens: 10)
            try await replica.expireAll()
            #expect(await replica.settle(settled, tokens: 5).word == "recorded")
            let connection = try fixture.connect()
            let definition = try #require(try ReportCatalog(LedgerFixture.resources).definition("verdicts"))
            let names = definition.columns.map(\.name)
            func unsettled(_ month: CalendarMonth) throws -> [String] {
                try definition.run(month: month, team: "t", connection).rows.map { row in
                    zip(names, row).filter { $0.0.hasPrefix("unsettled") }.map(\.1.text).joined(separator: " ")
                }
            }
            let month = Zone.utc.day(at: SystemClock.wallTime()).month
            #expect(try unsettled(month) == ["1 0.0000001"])
            #expect(try unsettled(month.next) == [])
            await replica.drain()
        }
    }
}
