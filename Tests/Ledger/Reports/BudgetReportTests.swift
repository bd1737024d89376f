import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("The report of budgets") struct BudgetReportTests {
    private static func rows(
        _ connection: Connection, _ month: CalendarMonth,
        _ shown: [String] = ["budget", "state", "limit_usd", "spent_usd"]
    ) throws -> [String] {
        let definition = try #require(try ReportCatalog(LedgerFixture.resources).definition("budgets"))
        let places = shown.map { name in definition.columns.firstIndex { $0.name == name }! }
        return try definition.run(month: month, team: nil, connection).rows.map { row in
            places.map { row[$0].text }.joined(separator: " ")
        }
    }

    @Test("has a budget of every value once a window, with what its values have spent together")
    func values() async throws {
        let scope = Scope(team: "t", each: .run)
        try await LedgerFixture.with([LedgerFixture.budget("runs", limit: 1_000, scope: scope, period: .hour)]) {
            fixture in
            let replica = try fixture.replica()
            for run in ["a", "b", "c"] {
                let event = LedgerFixture.event("e\(run)", replica, who: Attribution(team: "t", run: run))
                #expect(await replica.report(event).word == "recorded")
            }
            let connection = try fixture.connect()
            let month = Zone.utc.day(at: SystemClock.wallTime()).month
            #expect(
                try Self.rows(connection, month, ["budget", "period", "value_count", "limit_usd", "spent_usd"])
                    .last == "runs hour 3 0.000001 0.0000003")
            #expect(try Self.rows(connection, month, ["unspent_usd", "used_percent"]).last == " ")
            await replica.drain()
        }
    }

    @Test("has each budget once a window: removed ones are marked, unused ones are there, one made again stands once")
    func states() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            let month = Zone.utc.day(at: SystemClock.wallTime()).month
            let day = Zone.utc.day(at: SystemClock.wallTime())
            for (id, limit) in [("again", Int64(1_000)), ("gone", 2_000), ("used", 3_000)] {
                try fixture.put(LedgerFixture.budget(id, limit: limit))
            }
            try fixture.put(LedgerFixture.budget("idle", limit: 4_000, period: .day))
            let replica = try fixture.replica()
            for budget in replica.configuration.budgets where budget.id != "idle" {
                try await replica.finishOpening(of: budget.number)
            }
            #expect(await replica.report(LedgerFixture.event("a", replica)).word == "recorded")
            for id in ["again", "gone"] {
                let budget = try #require(replica.configuration.budgets.first { $0.id == id })
                _ = try BudgetStore.remove(
                    budget, expecting: nil, by: BudgetStore.Author(name: "test"), connection)
            }
            try fixture.put(LedgerFixture.budget("again", limit: 5_000))
            try connection.execute(
                "DELETE FROM budget_window USING budget b WHERE b.budget_number = budget_window.budget_number AND b.id = 'idle'"
            )
            #expect(
                try Self.rows(connection, month) == [
                    "again active 0.000005 0.0000001", "gone removed \(day) 0.000002 0.0000001",
                    "idle unused 0.000004 0", "used active 0.000003 0.0000001",
                ])
            // Before they were made there was no budget.
            #expect(try Self.rows(connection, CalendarMonth(number: month.number - 1)).isEmpty)
            await replica.drain()
        }
    }
}
