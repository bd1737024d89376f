import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("A boost") struct BoostTests {
    private static let author = BudgetStore.Author(name: "test")

    private static func draft(_ amount: Int64, from: Int64? = nil, until: Int64) -> BoostDraft {
        let now = SystemClock.wallTime()
        return BoostDraft(
            amount: amount, startsAt: from.map { now.adding(seconds: $0) }, endsAt: now.adding(seconds: until),
            reason: "launch")
    }

    private static func states(_ budget: Budget, _ connection: Connection) throws -> [String] {
        try BoostStore.list(budget, connection).map(\.state.rawValue)
    }

    /// The time of a boost comes, as if it were that much later.
    private static func move(_ boost: Boost, startsIn start: Int32, endsIn end: Int32, _ connection: Connection) throws
    {
        try connection.execute(
            """
            UPDATE budget_boost SET starts_at = clock_timestamp() + make_interval(secs => \(start)),
                ends_at = clock_timestamp() + make_interval(secs => \(end)) WHERE boost_id = \(boost.number)
            """)
    }

    @Test("raises the open window at once, outlasts a change of the limit, and ends at its time")
    func life() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 100)]) { fixture in
            let lock = try fixture.withoutMaintenance()
            let replica = try fixture.replica()
            let connection = try fixture.connect()
            let budget = try #require(replica.configuration.budgets.first)
            #expect(try await replica.verdict(LedgerFixture.call("a", tokens: 30)).kind == .deny)
            let stored = try BoostStore.add(Self.draft(500, until: 3600), to: budget, by: Self.author, connection)
            #expect(stored.boost.state == .active)
            #expect(await replica.awaitConfiguration(try #require(stored.configurationVersion)))
            #expect(try fixture.window().limit == 600)
            #expect(try await replica.verdict(LedgerFixture.call("b", tokens: 30)).kind == .admit)

            try fixture.put(LedgerFixture.budget(limit: 200))
            #expect(try fixture.window().limit == 700)
            #expect(try DueBudgetChanges.make(connection).rows == 0)
            try Self.move(stored.boost, startsIn: -2, endsIn: -1, connection)
            #expect(try DueBudgetChanges.make(connection).rows == 1)
            #expect(try fixture.window().limit == 200)
            #expect(try Self.states(budget, connection) == ["ended"])
            #expect(try DueBudgetChanges.make(connection).rows == 0)
            try await eventually {
                try await replica.verdict(LedgerFixture.call("c", tokens: 10)).kind == .deny
            }
            _ = lock
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("of later begins when its time comes, and one that is withdrawn is gone at once")
    func planned() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 100)]) { fixture in
            let connection = try fixture.connect()
            let budget = try ConfigurationStore.load(connection).configuration.budgets[0]
            let later = try BoostStore.add(
                Self.draft(50, from: 600, until: 3600), to: budget, by: Self.author, connection)
            #expect(later.boost.state == .planned && later.configurationVersion == nil)
            #expect(try fixture.window().limit == 100)
            try Self.move(later.boost, startsIn: -1, endsIn: 3600, connection)
            #expect(try DueBudgetChanges.make(connection).rows == 1)
            #expect(try fixture.window().limit == 150)
            let withdrawn = try BoostStore.withdraw(later.boost.number, of: budget, by: Self.author, connection)
            #expect(withdrawn.boost.state == .withdrawn && withdrawn.configurationVersion != nil)
            #expect(try fixture.window().limit == 100)
            let again = try BoostStore.withdraw(later.boost.number, of: budget, by: Self.author, connection)
            #expect(again.boost.state == .withdrawn && again.configurationVersion == nil)
        }
    }

    @Test("is in the windows that open while it lasts, of each value, and in none of those that were over before")
    func windows() async throws {
        let draft = LedgerFixture.budget(limit: 100, scope: Scope(team: "t", each: .user), period: .day)
        try await LedgerFixture.with([draft]) { fixture in
            let connection = try fixture.connect()
            let budget = try ConfigurationStore.load(connection).configuration.budgets[0]
            _ = try BoostStore.add(Self.draft(11, until: 30 * 86_400), to: budget, by: Self.author, connection)
            let now = SystemClock.wallTime()
            let keys = [-1, 0, 1, 60].map { day in
                WindowKey(
                    budgetNumber: budget.number,
                    span: budget.window(containing: now.adding(seconds: Int64(day) * 86_400)),
                    value: WindowValue(["ann"]))
            }
            let ids = try connection.transaction { try WindowRows.open(Set(keys), $0) }
            let limits = try keys.map { key in
                let id = try #require(ids[key])
                return try connection.query("SELECT limit_amount FROM budget_window WHERE window_id = \(id)")[0]
                    .decode(Int64.self, at: 0)
            }
            #expect(limits == [100, 111, 111, 100])
        }
    }

    @Test("tells again of shares that are reached anew once it is over, and ends with its budget")
    func alertsAndRemoval() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 100, alertAt: [80])]) { fixture in
            let connection = try fixture.connect()
            let replica = try fixture.replica()
            #expect(await replica.report(LedgerFixture.event("e", replica, tokens: 9)).word == "recorded")
            let budget = try #require(replica.configuration.budgets.first)
            #expect(try fixture.count("alert") == 1)
            let boost = try BoostStore.add(Self.draft(500, until: 3600), to: budget, by: Self.author, connection).boost
            #expect(try fixture.count("alert", where: "rearmed_at IS NOT NULL") == 1)
            _ = try BoostStore.withdraw(boost.number, of: budget, by: Self.author, connection)
            #expect(try fixture.count("alert", where: "rearmed_at IS NULL") == 1)
            #expect(try fixture.count("alert") == 2)
            _ = try BoostStore.add(Self.draft(500, until: 3600), to: budget, by: Self.author, connection)
            _ = try BudgetStore.remove(budget, expecting: nil, by: Self.author, connection)
            #expect(try Self.states(budget, connection) == ["ended", "withdrawn"])
            #expect(throws: StoreFailure.self) {
                try BoostStore.add(Self.draft(1, until: 60), to: budget, by: Self.author, connection)
            }
            await replica.drain()
        }
    }

    @Test("of a company's budget no team makes or withdraws") func owners() async throws {
        try await LedgerFixture.with() { fixture in
            let connection = try fixture.connect()
            let draft = BudgetDraft(
                id: "b", scope: Scope(team: "t"), period: .month, zone: .utc, unit: .usd, limit: 100,
                enforcement: .hard, downgradeAt: nil, alertAt: [], owner: .company)
            try fixture.put(draft)
            let budget = try ConfigurationStore.load(connection).configuration.budgets[0]
            let team = BudgetStore.Author(name: "team", mayChange: [.team])
            let boost = try BoostStore.add(Self.draft(5, until: 60), to: budget, by: Self.author, connection).boost
            #expect(throws: StoreFailure.self) {
                try BoostStore.add(Self.draft(5, until: 60), to: budget, by: team, connection)
            }
            #expect(throws: StoreFailure.self) {
                try BoostStore.withdraw(boost.number, of: budget, by: team, connection)
            }
            #expect(try Self.states(budget, connection) == ["active"])
        }
    }
}
