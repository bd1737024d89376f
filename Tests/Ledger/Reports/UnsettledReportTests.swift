import Postgres
import Testing

@testable import Accounting
@testable import Ledger

@Suite("Reports of what is not certain") struct UnsettledReportTests {
    private func rows(_ name: String, _ fixture: LedgerFixture, _ month: CalendarMonth, team: String? = nil) throws
        -> [String]
    {
        let definition = try #require(try ReportCatalog(LedgerFixture.resources).definition(name))
        return try definition.run(month: month, team: team, fixture.connect()).rows.map { row in
            row.map { $0.text.isEmpty ? "-" : $0.text }.joined(separator: " ")
        }
    }

    private let month = Zone.utc.day(at: SystemClock.wallTime()).month

    @Test("tell the calls that nobody settled, with what is charged for them, and the leases of servers that are gone")
    func unsettled() async throws {
        try await LedgerFixture.with([EstimatedEntryTests.budget(.input)]) { fixture in
            let replica = try fixture.replica()
            let settled = try await replica.hold("a", tokens: 10)
            _ = try await replica.hold("b", tokens: 20)
            try await replica.expireAll()
            #expect(await replica.settle(settled, tokens: 5).word == "recorded")
            try fixture.connect().execute(
                """
                INSERT INTO unsettled (kind, replica_id, window_id, amount)
                SELECT 'lease', 1, window_id, 70 FROM budget_window
                """)
            let call = "t - opus - 1 0.0000002 0.0000002"
            #expect(try rows("unsettled", fixture, month) == [call, "- - - b 0 0.00000007 0"])
            #expect(try rows("unsettled", fixture, month, team: "t") == [call])
            #expect(try rows("unsettled", fixture, month, team: "u") == [])
            #expect(try rows("unsettled", fixture, month.next) == [])
            await replica.drain()
        }
    }

    @Test("tell the usage that was refused, and what became of it")
    func disputed() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            _ = await replica.report(LedgerFixture.event("e", replica, tokens: 1))
            for tokens in [Int64(2), 3, 4] {
                _ = await replica.report(LedgerFixture.event("e", replica, tokens: tokens))
            }
            let decision = DisputeDecision(author: "finance", reason: "why")
            let connection = try fixture.connect()
            let numbers = try connection.query("SELECT disputed_id FROM disputed ORDER BY cost_nanodollars").map {
                try $0.decode(Int64.self, at: 0)
            }
            _ = await replica.accept(try #require(try RefusedUsage(numbers[0], connection)), decision)
            _ = try DisputedUsage.dismiss(numbers[1], decision, connection)
            #expect(
                try rows("disputed", fixture, month) == ["t maker opus 3 0.00000009 1 0.00000004 1 0.00000002 1"])
            #expect(try rows("disputed", fixture, month, team: "u") == [])
            #expect(try rows("disputed", fixture, month.next) == [])
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }
}
