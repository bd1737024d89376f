import Testing

@testable import Accounting

/// One replica over a feature that goes from team `t` to team `u`, and is called `g` there.
@Suite("A feature that is moved") struct MovedFeatureTests {
    private static let old = Attribution(team: "t", feature: "f")
    private static let new = Attribution(team: "u", feature: "g")
    private static let moves = FeatureMoves([
        FeatureMove(
            from: FeaturePlace(team: "t", feature: "f"), to: FeaturePlace(team: "u", feature: "g"),
            movedAt: EngineFixture.start)
    ])
    private static let wide = Scope(each: [.team, .feature])

    /// Budgets of the feature itself, of both teams, of each feature of `t`, and of every team and feature. The last two
    /// count tokens: where they counted money, they would leave the feature to its own budget.
    private static func configuration(isMoved: Bool) -> Configuration {
        let place = isMoved ? new : old
        let scopes = [
            Scope(team: place.team, feature: place.feature), Scope(team: "t"), Scope(team: "u"),
            Scope(team: "t", each: .feature), wide,
        ]
        let budgets = scopes.enumerated().map { index, scope in
            EngineFixture.budget(Int64(index + 1), limit: 10_000, scope: scope, unit: index < 3 ? .usd : .tokens, .soft)
        }
        return Configuration(
            version: isMoved ? 2 : 1, teams: ["t", "u"], scopes: ScopeIndex(budgets, prices: EngineFixture.prices),
            ladders: [], prices: EngineFixture.prices, moves: isMoved ? moves : FeatureMoves())
    }

    private static func value(_ budget: Int64, _ who: Attribution) -> WindowValue {
        switch budget {
        case 4: WindowValue([who.feature!])
        case 5: WindowValue([who.team, who.feature!])
        default: .none
        }
    }

    /// An engine that knows the windows of all budgets, those of values for the old place.
    private static func engine() -> AdmissionEngine {
        let configuration = configuration(isMoved: false)
        var engine = AdmissionEngine(replicaID: 1, configuration: configuration)
        for budget in configuration.budgets { engine.learn(fact(budget, value(budget.number, old), revision: 1)) }
        return engine
    }

    private static func fact(_ budget: Budget, _ value: WindowValue, revision: Int64) -> WindowFacts {
        let span = budget.window(containing: EngineFixture.start)
        return WindowFacts(
            windowID: 100 + budget.number, key: WindowKey(budgetNumber: budget.number, span: span, value: value),
            limit: budget.limit, spent: 0, leased: 0, leasedHere: 0, revision: revision)
    }

    private static func move(_ engine: inout AdmissionEngine) {
        let configuration = configuration(isMoved: true)
        engine.adopt(configuration)
        engine.learn(fact(configuration.budgets[4], value(5, new), revision: 2))
    }

    private static func verdict(_ call: Call, _ engine: inout AdmissionEngine) throws -> Verdict {
        guard case .verdict(let verdict, _) = engine.authorize(call, at: .after(1), isFinal: true) else {
            throw NoVerdict()
        }
        return verdict
    }

    private struct NoVerdict: Error {}

    /// The budgets that charges are counted in.
    private static func counted(_ charges: [WindowCharge]) -> [Int64] {
        charges.filter(\.isCounted).map { charge in
            switch charge.target {
            case .window(let id): id - 100
            case .unopened(let key): -key.budgetNumber
            }
        }.sorted()
    }

    @Test("settles what was in flight into every window that admitted it, and into no other")
    func inFlight() throws {
        var engine = Self.engine()
        let hold = try #require(try Self.verdict(EngineFixture.call(who: Self.old), &engine).hold)
        #expect(hold.charges.map(\.budgetNumber) == [1, 2, 4, 5])
        Self.move(&engine)
        let model = EngineFixture.model("opus")
        let charges = engine.beginSettling(hold, served: model, cost: Money(nanodollars: 7), tokens: 7)
        #expect(Self.counted(charges) == [1, 2, 4, 5] && charges.allSatisfy { $0.spent == 7 })
        engine.finish(hold, charges, wasFirst: true)
        #expect(engine.openHoldCount == 0)
    }

    @Test("counts later calls at the new place, whichever place they name", arguments: [old, new])
    func later(who: Attribution) throws {
        var engine = Self.engine()
        Self.move(&engine)
        let verdict = try Self.verdict(EngineFixture.call(who: who), &engine)
        #expect(verdict.budgets.map(\.budget.number) == [1, 3, 5])
        let hold = try #require(verdict.hold)
        #expect(hold.who.team == "u" && hold.who.feature == "g")
        #expect(hold.requestName == RequestName(team: who.team, id: "r"))
    }

    @Test("gives a retry over the move its first hold, and no other call")
    func retry() throws {
        var engine = Self.engine()
        let first = try Self.verdict(EngineFixture.call(who: Self.old), &engine)
        Self.move(&engine)
        #expect(try Self.verdict(EngineFixture.call(who: Self.old), &engine) === first)
        guard
            case .conflict = engine.authorize(
                EngineFixture.call(tokens: 11, who: Self.old), at: .after(2), isFinal: true)
        else {
            Issue.record("another call got the hold")
            return
        }
        #expect(try Self.verdict(EngineFixture.call(who: Self.new), &engine) !== first)
    }

    @Test("counts what is told late of the time before at the old place, and in what went with the feature")
    func late() {
        var engine = Self.engine()
        Self.move(&engine)
        let charges = engine.charges(
            for: Self.old, model: EngineFixture.model("opus"), cost: Money(nanodollars: 7), tokens: 7,
            occurredAt: EngineFixture.start)
        #expect(Self.counted(charges) == [1, 2, 4, 5])
    }

    @Test("keeps its window of a budget for every team and feature, under its new value")
    func value() throws {
        var engine = Self.engine()
        _ = try Self.verdict(EngineFixture.call(who: Self.old), &engine)
        Self.move(&engine)
        let budget = try #require(engine.configuration.scopes.budget(5))
        let (new, old) = (Self.value(5, Self.new), Self.value(5, Self.old))
        let state = engine.state(of: budget, value: new, at: EngineFixture.start)
        #expect(state?.held == 10)
        let former = engine.state(of: budget, value: old, at: EngineFixture.start)
        #expect(former == nil)
    }

    /// Each budget is older or younger than the entry, which charged none of them.
    @Test("a correction changes the budgets that began with its entry, and takes nothing from those that never had it")
    func correction() {
        let drafts = [(Int64(1), Int64(-3_600)), (2, -61), (3, -59), (4, 0), (5, 3_600)]
        let budgets = drafts.map { number, seconds in
            Budget(
                number: number, id: "b\(number)", version: 1, scope: Scope(team: "t"), period: .total, zone: .utc,
                unit: .usd, limit: 1_000, enforcement: .soft, unpriced: .deny, downgradeAt: nil, alertAt: [],
                createdAt: EngineFixture.start.adding(seconds: seconds))
        }
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration(budgets))
        let charges = engine.corrections(
            for: Self.old, model: EngineFixture.model("opus"), difference: Money(nanodollars: -10), charged: [],
            occurredAt: EngineFixture.start, recordedAt: EngineFixture.start)
        let numbers = charges.map { charge in
            if case .unopened(let key) = charge.target { key.budgetNumber } else { Int64(0) }
        }
        #expect(numbers == [3, 4, 5] && charges.allSatisfy { $0.spent == -10 })
    }
}
