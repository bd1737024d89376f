import Accounting
import Postgres
import Testing

@testable import Ledger

/// A feature `f` that goes from team `t` to team `u`, on a real PostgreSQL.
@Suite("A feature that is moved, as it is stored") struct FeatureMoveStoreTests {
    private static let old = Attribution(team: "t", feature: "f")
    private static let new = Attribution(team: "u", feature: "f")
    private static let place = FeaturePlace(team: "t", feature: "f")
    private static let newPlace = FeaturePlace(team: "u", feature: "f")
    private static let wide = Scope(each: [.team, .feature])

    private static func with(
        _ budgets: [BudgetDraft], _ body: (LedgerFixture) async throws -> Void
    ) async throws {
        try await LedgerFixture.with { fixture in
            _ = try TeamStore.create("u", fixture.connect())
            for budget in budgets { try fixture.put(budget) }
            try await body(fixture)
        }
    }

    @discardableResult
    private static func move(
        _ fixture: LedgerFixture, from: FeaturePlace = place, to: FeaturePlace = newPlace, isDryRun: Bool = false
    ) throws -> FeatureMoveStore.Outcome {
        try FeatureMoveStore.move(
            from, to: to, by: BudgetStore.Author(name: "test", reason: "new owner"), isDryRun: isDryRun,
            content: { _ in "{}" }, fixture.connect())
    }

    private static func spent(of id: String, _ fixture: LedgerFixture) throws -> [String: Int64] {
        let rows = try fixture.connect().query(
            "SELECT w.value, w.spent FROM window_total w JOIN budget b USING (budget_number) WHERE b.id = \(id)"
        ).map { try $0.decode((String, Int64).self) }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    @Test("keeps windows and what was in flight over two replicas, and every claim of the ledger holds")
    func windows() async throws {
        let drafts = [
            LedgerFixture.budget("f", limit: 400, scope: Scope(team: "t", feature: "f")),
            LedgerFixture.budget("t", limit: 10_000), LedgerFixture.budget("u", limit: 10_000, scope: Scope(team: "u")),
            LedgerFixture.budget("each", limit: 10_000, scope: Self.wide, unit: .calls),
        ]
        try await Self.with(drafts) { fixture in
            let replicas = [try fixture.replica(), try fixture.replica()]
            // A call of 10 tokens costs 100.
            let first = try await replicas[0].hold(LedgerFixture.call("r1", who: Self.old))
            #expect(await replicas[0].settle(first, tokens: 10).word == "recorded")
            let flying = try await replicas[1].hold(LedgerFixture.call("r2", who: Self.old))
            let outcome = try Self.move(fixture)
            #expect(outcome.budgets == ["f"] && outcome.windows == 1)
            for replica in replicas { #expect(await replica.awaitConfiguration(outcome.version!)) }

            #expect(await replicas[0].settle(flying, tokens: 10).word == "recorded")
            let named = [Self.old, Self.new]
            for (index, replica) in replicas.enumerated() {
                let hold = try await replica.hold(LedgerFixture.call("r\(index + 3)", who: named[index]))
                #expect(hold.who.team == "u")
                #expect(await replica.settle(hold, tokens: 10).word == "recorded")
            }
            // Its budget is used up by what was spent before and after.
            for replica in replicas {
                let verdict = try await replica.verdict(LedgerFixture.call("r9", who: Self.old))
                #expect(verdict.kind == .deny && verdict.reason?.budgetID == "f")
            }
            #expect(try Self.spent(of: "f", fixture) == ["": 400])
            #expect(try Self.spent(of: "t", fixture) == ["": 200])
            #expect(try Self.spent(of: "u", fixture) == ["": 200])
            #expect(try Self.spent(of: "each", fixture).filter { $0.key != "" } == [#"["u","f"]"#: 4])
            let keys = try fixture.connect().query("SELECT owner || ' ' || id FROM entry_key ORDER BY id").map {
                try $0.decode(String.self, at: 0)
            }
            #expect(keys == ["team:t r1", "team:t r2", "team:t r3", "team:u r4"])
            for replica in replicas { await replica.drain() }
            try fixture.expectNoProblems()
        }
    }

    @Test("is in the opening of a budget of its new place, with what the fine sums have of before, once")
    func opening() async throws {
        try await Self.with([]) { fixture in
            let replica = try fixture.replica()
            let run = Attribution(team: "t", feature: "f", run: "x")
            for (index, who) in [Self.old, run, Attribution(team: "t", feature: "g"), Self.new].enumerated() {
                #expect(await replica.report(LedgerFixture.event("e\(index)", replica, who: who)).word == "recorded")
                if index == 1 { _ = try ScopeSums.fold.run(takesSmall: true, fixture.connect()) }
            }
            let outcome = try Self.move(fixture)
            #expect(await replica.awaitConfiguration(outcome.version!))
            let rows: [(Scope, [String: Int64])] = [
                (Scope(team: "u", feature: "f"), ["": 300]), (Scope(team: "u", feature: "f", run: "x"), ["": 100]),
                (Scope(team: "u"), ["": 100]), (Scope(team: "t"), ["": 300]),
                (Self.wide, [#"["u","f"]"#: 300, #"["t","g"]"#: 100]),
                (Scope(team: "t", each: .feature), ["f": 200, "g": 100]),
            ]
            for (index, (scope, expected)) in rows.enumerated() {
                let stored = try fixture.put(LedgerFixture.budget("b\(index)", limit: 10_000, scope: scope))
                #expect(await replica.awaitConfiguration(stored.configurationVersion))
                try BudgetOpening.finish(stored.budget.number, in: replica.configuration, fixture.connect())
                let spent = try Self.spent(of: "b\(index)", fixture)
                #expect(spent.filter { !scope.hasWildcard || $0.key != "" } == expected, "\(scope)")
            }
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("leaves a window where the new place has one, and changes nothing in a dry run")
    func taken() async throws {
        let draft = LedgerFixture.budget("each", limit: 10_000, scope: Self.wide, unit: .calls)
        try await Self.with([draft, LedgerFixture.budget("f", limit: 400, scope: Scope(team: "t", feature: "f"))]) {
            fixture in
            let replica = try fixture.replica()
            for who in [Self.old, Self.new] {
                #expect(await replica.report(LedgerFixture.event(who.team, replica, who: who)).word == "recorded")
            }
            let trial = try Self.move(fixture, isDryRun: true)
            #expect(trial.version == nil && trial.budgets == ["f"] && trial.windows == 0)
            #expect(try fixture.count("feature_move") == 0 && fixture.count("budget", where: "team = 'u'") == 0)
            try Self.move(fixture)
            let values = [#"["t","f"]"#: Int64(1), #"["u","f"]"#: 1]
            #expect(try Self.spent(of: "each", fixture).filter { $0.key != "" } == values)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("is moved beside windows of values that are no list, whatever the planner looks at first")
    func singleValues() async throws {
        let drafts = [
            LedgerFixture.budget("each", limit: 10_000, scope: Self.wide, unit: .calls),
            LedgerFixture.budget("run", limit: 10_000, scope: Scope(each: .run)),
        ]
        try await Self.with(drafts) { fixture in
            let replica = try fixture.replica()
            let who = Attribution(team: "t", feature: "f", run: "step [1")
            #expect(await replica.report(LedgerFixture.event("e", replica, who: who)).word == "recorded")
            try fixture.connect().execute("ANALYZE budget_window")
            #expect(try Self.move(fixture).windows == 1)
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }

    @Test("keeps the ids of events to the team that is named")
    func events() async throws {
        try await Self.with([]) { fixture in
            let replica = try fixture.replica()
            #expect(await replica.report(LedgerFixture.event("e", replica, who: Self.old)).word == "recorded")
            let outcome = try Self.move(fixture)
            #expect(await replica.awaitConfiguration(outcome.version!))
            let moved = try #require(replica.configuration.moves.counted(Self.old))
            for (index, (id, who, word)) in [
                ("n", moved, "recorded"), ("n", moved, "duplicate"), ("e", Self.new, "recorded"),
            ].enumerated() as EnumeratedSequence<[(String, Attribution, String)]> {
                let at = SystemClock.wallTime().adding(seconds: -60)
                var event = LedgerFixture.event(id, replica, who: who)
                if id == "n" { event.occurredAt = Timestamp(seconds: at.seconds / 3600 * 3600) }
                #expect(await replica.report(event).word == word, "\(index)")
            }
            await replica.drain()
            try fixture.expectNoProblems()
        }
    }
}
