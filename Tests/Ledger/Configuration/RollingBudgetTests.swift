import Accounting
import Postgres
import SeededRandom
import Testing

@testable import Ledger

@Suite("A budget of the last hours") struct RollingBudgetTests {
    private static let hours = Period.rolling(RollingPeriod(5, .hours)!)

    private static func seconds(_ text: String) -> Timestamp { Timestamp(rfc3339: text)! }

    /// What the budget's window has spent, without what has left it by now.
    private static func spent(_ replica: Replica, _ id: String) async throws -> Int64 {
        let budget = try #require(replica.configuration.budget(id: id))
        return try #require(try await replica.balances(of: [budget])[budget.number]).spent
    }

    @Test("counts what a slow sum over the entries counts, whenever they are reported", arguments: [1, 2] as [UInt64])
    func slowSum(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        try await LedgerFixture.with([LedgerFixture.budget("five", limit: 1_000_000, period: Self.hours)]) { fixture in
            let replicas = [try fixture.replica(), try fixture.replica()]
            let now = SystemClock.wallTime()
            var entries: [(at: Timestamp, cost: Int64)] = []
            for index in 0..<60 {
                let at = now.adding(seconds: -Int64.random(in: 0...(8 * 3_600), using: &random))
                let tokens = Int64.random(in: 1...50, using: &random)
                let replica = replicas[index % 2]
                let event = LedgerFixture.event("e\(index)", replica, tokens: tokens, at: at)
                #expect(await replica.report(event).word == "recorded")
                entries.append((at, tokens * 10))
            }
            func expected(at moment: Timestamp) -> Int64 {
                entries.filter { RollingPeriod(5, .hours)!.leaves(spentAt: $0.at) > moment }.reduce(0) { $0 + $1.cost }
            }
            let told = try await Self.spent(replicas[0], "five")
            // A slot may leave while the test looks.
            #expect([expected(at: now), expected(at: SystemClock.wallTime())].contains(told))
            #expect(told > 0 && told < entries.reduce(0) { $0 + $1.cost })
            try fixture.expectNoProblems()
            // A budget that is made now begins with the same, at most a quarter of an hour more.
            try fixture.put(
                LedgerFixture.budget("late", limit: 1_000_000, scope: Scope(each: .team), period: Self.hours))
            let opened = try fixture.window("late").spent
            #expect(opened >= expected(at: SystemClock.wallTime()))
            #expect(opened <= expected(at: now.adding(seconds: -1_800)))
            for replica in replicas { await replica.drain() }
            try fixture.expectNoProblems()
        }
    }

    @Test("gives money back to calls as what was spent leaves it")
    func leaving() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 150, period: Self.hours)]) { fixture in
            let replica = try fixture.replica()
            let almost = SystemClock.wallTime().adding(seconds: -5 * 3_600 + 3)
            let event = LedgerFixture.event("old", replica, at: almost)
            #expect(await replica.report(event).word == "recorded")
            let denied = try await replica.verdict(LedgerFixture.call("r-1"))
            #expect(denied.kind == .deny)
            let reason = try #require(denied.reason)
            #expect(reason.code == .budgetExhausted)
            #expect(reason.message.contains("has $0.00000005 left in the last 5 hours"), "\(reason.message)")
            #expect(reason.resetsAt == RollingPeriod(5, .hours)!.leaves(spentAt: almost))
            // As if the time had come.
            let connection = try fixture.connect()
            try connection.execute("UPDATE window_slot SET leaves_at = clock_timestamp() - interval '1 second'")
            let admitted = try await replica.verdict(LedgerFixture.call("r-2"))
            #expect(admitted.kind == .admit)
            #expect(try fixture.window().spent == 0)
            #expect(try fixture.count("window_slot") == 0)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("is told by verification where a slot or a sum is wrong")
    func verification() async throws {
        try await LedgerFixture.with([LedgerFixture.budget(limit: 1_000, period: Self.hours)]) { fixture in
            let replica = try fixture.replica()
            let hold = try await replica.hold("r-1")
            #expect(await replica.settle(hold, tokens: 10).word == "recorded")
            await replica.drain()
            try fixture.expectNoProblems()
            let connection = try fixture.connect()
            try connection.execute("UPDATE window_slot SET spent = spent + 1")
            #expect(try fixture.problems().count == 2)
            try connection.execute("UPDATE budget_window SET spent = spent + 1")
            #expect(try fixture.problems().count == 1)
        }
    }
}
