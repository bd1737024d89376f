import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("Windows opened ahead") struct NextWindowTests {
    private static let minutesOfADay: Int32 = 1_500

    @Test("are the next ones of budgets whose window is in use, each once, with the limit of the budget")
    func next() async throws {
        let drafts = ["used", "unused", "removed"].map {
            LedgerFixture.budget($0, limit: 1_000, scope: Scope(team: "t", feature: $0), period: .day)
        }
        try await LedgerFixture.with(drafts + [LedgerFixture.budget("month", limit: 1, period: .total)]) { fixture in
            let connection = try fixture.connect()
            let configuration = try ConfigurationStore.load(connection).configuration
            let used: SQL = "(SELECT budget_number FROM budget WHERE id IN ('used', 'removed'))"
            try connection.execute("UPDATE budget_window SET revision = 2 WHERE budget_number IN " + used)
            try connection.execute("UPDATE budget SET removed_at = now() WHERE id = 'removed'")
            #expect(try NextWindows.open(configuration, minutesAhead: 0, connection).rows == 0)
            #expect(try NextWindows.open(configuration, minutesAhead: Self.minutesOfADay, connection).rows == 1)
            #expect(try NextWindows.open(configuration, minutesAhead: Self.minutesOfADay, connection).rows == 0)
            let opened = try connection.query(
                """
                SELECT b.id, w.limit_amount, w.ends_at - w.starts_at = interval '1 day' FROM budget_window w
                JOIN budget b USING (budget_number) WHERE w.starts_at > now()
                """
            ).map { try $0.decode((String, Int64, Bool).self) }
            try #require(opened.count == 1)
            #expect(opened[0].0 == "used" && opened[0].1 == 1_000 && opened[0].2)
            try fixture.expectNoProblems()
        }
    }

    @Test("are no more than a portion at once, and the rest follows") func portions() async throws {
        try await LedgerFixture.with([LedgerFixture.budget("b-0", limit: 1_000, period: .day)]) { fixture in
            let connection = try fixture.connect()
            try connection.executeScript(
                """
                INSERT INTO budget (id, team, period, time_zone, unit, limit_amount, enforcement)
                SELECT 'b-' || n, 't', 'day', 'UTC', 'usd', 1000, 'hard' FROM generate_series(1, 299) n;
                INSERT INTO budget_window (budget_number, starts_at, ends_at, limit_amount, revision)
                SELECT b.budget_number, w.starts_at, w.ends_at, 1000, 2 FROM budget b, budget_window w WHERE b.id <> 'b-0';
                UPDATE budget_window SET revision = 2;
                """)
            let configuration = try ConfigurationStore.load(connection).configuration
            let portions = try (0..<3).map { _ in
                try NextWindows.open(configuration, minutesAhead: Self.minutesOfADay, connection)
            }
            #expect(portions.map(\.rows) == [256, 44, 0])
            #expect(portions.map(\.hasMore) == [true, false, false])
        }
    }

    @Test("a call of a soft budget is admitted without its window, and charged to it") func soft() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000, .soft)]) { fixture in
            let replica = try fixture.replica()
            let blocker = try fixture.connect()
            try blocker.executeScript("BEGIN; LOCK TABLE budget_window IN ACCESS EXCLUSIVE MODE")
            guard case .verdict(let verdict, _) = await replica.authorize(LedgerFixture.call("a")) else {
                Issue.record("the call waited")
                return
            }
            let hold = try #require(verdict.hold)
            #expect(verdict.budgets.isEmpty && hold.charges.isEmpty)
            try blocker.executeScript("ROLLBACK")
            #expect(await replica.settle(hold, tokens: 10).word == "recorded")
            #expect(try fixture.window().spent == 100)
            try await eventually { try await replica.verdict(LedgerFixture.call("b")).budgets.map(\.spent) == [100] }
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }
}
