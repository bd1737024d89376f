import Accounting
import Postgres
import Testing

@testable import Ledger

@Suite("A budget in the database") struct BudgetStoreTests {
    @Test("starts with what its window has spent, of its own scope and time")
    func opening() async throws {
        try await LedgerFixture.with { fixture in
            let replica = try fixture.replica()
            let now = SystemClock.wallTime()
            let events = [
                ("opus", Attribution(team: "t", feature: "f", user: "ann"), now),
                ("opus", Attribution(team: "t", tags: [Tag(key: "env", value: "prod")]), now),
                ("haiku", Attribution(team: "t", feature: "f", run: "r"), now),
                ("sonnet", Attribution(team: "t"), now.adding(seconds: -40 * 86_400)),
                ("new", Attribution(team: "t", feature: "f"), now),
            ]
            for (index, event) in events.enumerated() {
                let entry = LedgerFixture.event("e\(index)", replica, event.0, who: event.1, at: event.2)
                #expect(await replica.report(entry).word == "recorded")
            }
            _ = try TeamStore.create("other", fixture.connect())
            let opened: [(scope: Scope, period: Period, unit: Budget.Unit, spent: Int64)] = [
                (Scope(team: "t"), .month, .usd, 210), (Scope(team: "t"), .total, .usd, 250),
                (Scope(team: "t", feature: "f"), .month, .usd, 110), (Scope(user: "ann"), .month, .usd, 100),
                (Scope(run: "r"), .month, .usd, 10), (Scope(tags: [Tag(key: "env", value: "prod")]), .month, .usd, 100),
                (Scope(model: "opus"), .day, .usd, 200), (Scope(model: "verse"), .total, .usd, 40),
                (Scope(provider: "maker"), .total, .calls, 4), (Scope(team: "t"), .total, .calls, 5),
                (Scope(team: "t", feature: "f"), .total, .tokens, 30), (Scope(team: "other"), .total, .usd, 0),
            ]
            for (index, row) in opened.enumerated() {
                let draft = LedgerFixture.budget(
                    "b\(index)", limit: 1000, scope: row.scope, period: row.period, unit: row.unit)
                try fixture.put(draft)
                #expect(try fixture.window("b\(index)").spent == row.spent, "\(row)")
            }
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("counts once what was spent before it, while it was made and since")
    func openingWhileSpending() async throws {
        try await LedgerFixture.with { fixture in
            let replicas = [try fixture.replica(), try fixture.replica()]
            let total = try await withThrowingTaskGroup(of: Int64.self) { group in
                for task in 0..<8 {
                    group.addTask {
                        for number in 0..<60 {
                            let replica = replicas[(task + number) % 2]
                            let word = await replica.report(LedgerFixture.event("e\(task)-\(number)", replica)).word
                            #expect(word == "recorded")
                        }
                        return 6000
                    }
                }
                group.addTask {
                    try await Task.sleep(for: .milliseconds(40))
                    let stored = try fixture.put(LedgerFixture.budget(limit: 1_000_000))
                    #expect(await replicas[0].awaitConfiguration(stored.configurationVersion))
                    try await replicas[0].finishOpening(of: stored.budget.number)
                    return 0
                }
                return try await group.reduce(0, +)
            }
            let stored = replicas[0].configuration.budgets.first!
            try await replicas[0].finishOpening(of: stored.number)
            #expect(try fixture.window().spent == total)
            #expect(try fixture.count("budget_window", where: "opening_due_version IS NOT NULL") == 0)
            for replica in replicas { await replica.drain() }
            try fixture.expectNoProblems()
        }
    }

    @Test("takes a new limit for windows that go on, and keeps the old one's for those that are over")
    func limits() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1000, period: .day)]) { fixture in
            let replica = try fixture.replica()
            let connection = try fixture.connect()
            try connection.execute("UPDATE budget SET created_at = created_at - interval '3 days'")
            let fresh = try fixture.replica()
            let yesterday = SystemClock.wallTime().adding(seconds: -86_400)
            #expect(await fresh.report(LedgerFixture.event("e", fresh, at: yesterday)).word == "recorded")
            _ = try await fresh.hold("r", tokens: 50)
            let lowered = try fixture.put(LedgerFixture.budget(limit: 300, period: .day))
            #expect(lowered.budget.version == 2)
            #expect(!lowered.isNew)
            #expect(await fresh.awaitConfiguration(lowered.configurationVersion))
            let rows = try connection.query("SELECT limit_amount FROM budget_window ORDER BY starts_at")
            #expect(try rows.map { try $0.decode(Int64.self, at: 0) } == [1000, 300])
            #expect(try await fresh.verdict(LedgerFixture.call("s", tokens: 20)).reason?.code == .fundsHeld)
            fresh.tick()
            try await eventually { try fixture.window().leased == 500 }
            let raised = try fixture.put(LedgerFixture.budget(limit: 10_000, period: .day))
            #expect(await fresh.awaitConfiguration(raised.configurationVersion))
            #expect(try await fresh.verdict(LedgerFixture.call("s", tokens: 20)).kind == .admit)
            await replica.drain()
            await fresh.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("keeps its scope, period, zone and unit, its history, and the version that was expected of it")
    func changes() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1000)]) { fixture in
            let connection = try fixture.connect()
            for (draft, pointer) in [
                (LedgerFixture.budget(limit: 1, scope: Scope(team: "t", feature: "f")), "/scope"),
                (LedgerFixture.budget(limit: 1, period: .day), "/period"),
                (LedgerFixture.budget(limit: 1, unit: .tokens), "/limit_tokens"),
            ] {
                let failure = #expect(throws: StoreFailure.self) { try fixture.put(draft) }
                guard case .invalid(let told, _) = failure else {
                    Issue.record("\(String(describing: failure))")
                    continue
                }
                #expect(told == pointer)
            }
            #expect(throws: StoreFailure.self) {
                try fixture.put(LedgerFixture.budget("x", limit: 1, scope: Scope(team: "u")))
            }
            func put(_ expecting: BudgetStore.Expectation) throws -> Int64 {
                try BudgetStore.put(
                    LedgerFixture.budget(limit: 5), prices: .empty, expecting: expecting,
                    by: BudgetStore.Author(name: "ann"),
                    content: { "limit \($0.limit)" }, connection
                ).budget.version
            }
            #expect(throws: StoreFailure.self) { try put(.version(7)) }
            #expect(try put(.version(1)) == 2)
            #expect(try put(.exists) == 3)
            let budget = try #require(try Self.budgets(connection).first { $0.id == "b" })
            _ = try BudgetStore.remove(
                budget, expecting: nil, by: BudgetStore.Author(name: "bob"), connection)
            #expect(throws: StoreFailure.self) { try put(.exists) }
            #expect(throws: StoreFailure.self) {
                try BudgetStore.remove(
                    budget, expecting: nil, by: BudgetStore.Author(name: "bob"), connection)
            }
            let history = try BudgetStore.history("b", connection)
            #expect(history.map(\.version) == [1, 2, 3, 4])
            #expect(history.map(\.changedBy) == ["test", "ann", "ann", "bob"])
            #expect(history[2].content == "limit 5")
            // The removed budget's id is free again, for another budget, which goes on counting its versions.
            let again = try fixture.put(LedgerFixture.budget(limit: 7, period: .day))
            #expect(again.isNew)
            #expect(again.budget.version == 5)
            #expect(try BudgetStore.history("b", connection).count == 5)
        }
    }

    @Test("that crosses a threshold alerts once a window, whoever crosses it")
    func alerts() async throws {
        let draft = LedgerFixture.budget(limit: 100_000, alertAt: [50, 80, 100])
        try await LedgerFixture.with([draft]) { fixture in
            let connection = try fixture.connect()
            _ = try AlertChannelStore.put(
                name: "ops", team: "t", url: "https://ops.example/hook", newSecret: "s", connection)
            let replicas = [try fixture.replica(), try fixture.replica()]
            await withTaskGroup(of: Void.self) { group in
                for task in 0..<8 {
                    group.addTask {
                        for number in 0..<120 {
                            let replica = replicas[(task + number) % 2]
                            _ = await replica.report(LedgerFixture.event("e\(task)-\(number)", replica))
                        }
                    }
                }
            }
            let alerts = try connection.query("SELECT threshold_millionths, spent, limit_amount FROM alert ORDER BY 1")
                .map { try $0.decode((Int64, Int64, Int64).self) }
            #expect(alerts.map(\.0) == [500_000, 800_000])
            for alert in alerts { #expect(alert.1 * 1_000_000 >= alert.2 * alert.0) }
            #expect(try fixture.count("alert_delivery", where: "channel = 'ops'") == 2)
            // Lowering the limit below what is spent crosses the remaining threshold.
            try fixture.put(LedgerFixture.budget(limit: 90_000, alertAt: [50, 80, 100]))
            #expect(try fixture.count("alert") == 3)
            try fixture.put(LedgerFixture.budget(limit: 80_000, alertAt: [50, 80, 100]))
            #expect(try fixture.count("alert") == 3)
            for replica in replicas { await replica.drain() }
            try fixture.expectNoProblems()
        }
    }

    @Test("is removed in the version that is expected, and only itself")
    func removal() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1)]) { fixture in
            let connection = try fixture.connect()
            let first = try #require(try Self.budgets(connection).first)
            // Another server has changed it since this one read it.
            try fixture.put(LedgerFixture.budget(limit: 2))
            func remove(_ budget: Budget, _ expecting: BudgetStore.Expectation?) throws -> String {
                do {
                    _ = try BudgetStore.remove(
                        budget, expecting: expecting, by: BudgetStore.Author(name: "test"),
                        connection)
                    return "removed"
                } catch StoreFailure.versionMismatch {
                    return "version mismatch"
                } catch StoreFailure.notFound {
                    return "not found"
                }
            }
            #expect(try remove(first, .version(1)) == "version mismatch")
            #expect(try remove(first, .version(2)) == "removed")
            try fixture.put(LedgerFixture.budget(limit: 3))
            #expect(try remove(first, .version(1)) == "version mismatch")
            #expect(try remove(first, nil) == "not found")
            #expect(try Self.budgets(connection).map(\.limit) == [3])
        }
    }

    private static func budgets(_ connection: Connection) throws -> [Budget] {
        try ConfigurationStore.load(connection).configuration.budgets
    }
}
