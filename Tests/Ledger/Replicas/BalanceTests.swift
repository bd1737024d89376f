import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("What budgets have spent and hold") struct BalanceTests {
    @Test("is told of each of many budgets, however many portions they are read in")
    func portions() async throws {
        try await LedgerFixture.with([LedgerFixture.budget("b-0", limit: 1_000_000)]) { fixture in
            try fixture.connect().executeScript(
                """
                INSERT INTO budget (id, team, feature, period, time_zone, unit, limit_amount, enforcement)
                SELECT 'b-' || n, 't', 'f' || n, 'month', 'UTC', 'usd', 1000000, 'hard' FROM generate_series(1, 1200) n;
                INSERT INTO budget_window (budget_number, starts_at, ends_at, limit_amount, spent, opening_spent)
                SELECT b.budget_number, w.starts_at, w.ends_at, 1000000, substr(b.id, 3)::bigint, substr(b.id, 3)::bigint
                FROM budget b, budget_window w WHERE b.id <> 'b-0'
                """)
            let replica = try fixture.replica()
            let who = Attribution(team: "t", feature: "f1100")
            _ = try await replica.hold(LedgerFixture.call("r", tokens: 7, who: who))
            let budgets = replica.configuration.budgets
            let balances = try await replica.balances(of: budgets)
            #expect(balances.count == 1_201)
            for budget in budgets {
                let number = try #require(Int64(budget.id.dropFirst(2)))
                let isHeld = number == 0 || number == 1_100
                #expect(balances[budget.number]?.spent == number, "\(budget.id)")
                #expect(balances[budget.number]?.held == (isHeld ? 70 : 0), "\(budget.id)")
            }
            let one = try #require(replica.configuration.budget(id: "b-1100"))
            #expect(try await replica.balances(of: [one])[one.number]?.held == 70)
            await replica.drain()
        }
    }
}
