import Testing

@testable import Accounting

@Suite("Windows that no call waits for") struct NextWindowTests {
    /// Twelve hours before midnight.
    private static let noon = EngineFixture.start

    private func key(_ budget: Budget, at moment: Timestamp) -> WindowKey {
        WindowKey(budgetNumber: budget.number, span: budget.window(containing: moment))
    }

    private func facts(_ windowID: Int64, _ budget: Budget, at moment: Timestamp, spent: Int64 = 0) -> WindowFacts {
        WindowFacts(
            windowID: windowID, key: key(budget, at: moment), limit: budget.limit, spent: spent, leased: 5_000,
            leasedHere: 5_000, revision: 1)
    }

    private func verdict(_ engine: inout AdmissionEngine, _ call: Call, at now: Moment) throws -> Verdict {
        guard case .verdict(let verdict, _) = engine.authorize(call, at: now, isFinal: false) else { throw NoVerdict() }
        return verdict
    }

    private struct NoVerdict: Error {}

    /// The moment `seconds` before the next midnight.
    private func before(midnight seconds: Int64) -> Moment { .after(12 * 3_600 - seconds) }

    /// An engine in whose window of today a hold was made, if `isUsed`.
    private func engine(_ budget: Budget, isUsed: Bool = true) throws -> AdmissionEngine {
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        engine.learn(facts(1, budget, at: Self.noon))
        guard isUsed else { return engine }
        engine.endGrantBatch([], grants(of: 5_000), AdmissionEngine.LeaseSnapshot(), at: .after(0))
        _ = try verdict(&engine, EngineFixture.call(holdSeconds: 60), at: .after(1))
        return engine
    }

    private func grants(of amount: Int64) -> Allocation {
        var snapshot = AdmissionEngine.LeaseSnapshot()
        snapshot.headroom = [1: amount]
        let ask = LeaseAsk(alternatives: [[LeaseAsk.Need(windowID: 1, amount: amount, holdSeconds: 600)]])
        let window = facts(1, EngineFixture.budget(limit: 1_000_000, period: .day), at: Self.noon)
        return Allocation(asks: [ask], windows: [window], snapshot: snapshot)
    }

    @Test("asks once for the window that follows one in use, some minutes before it begins")
    func ahead() throws {
        let budget = EngineFixture.budget(limit: 1_000_000, period: .day)
        var engine = try engine(budget)
        engine.noteNextWindows(at: before(midnight: 62), among: engine.accountPlaces)
        #expect(engine.takeUnopened() == [])
        engine.noteNextWindows(at: before(midnight: 61), among: engine.accountPlaces)
        let midnight = before(midnight: 0)
        #expect(engine.takeUnopened() == [key(budget, at: midnight.wall)])
        engine.noteNextWindows(at: before(midnight: 60), among: engine.accountPlaces)
        #expect(engine.takeUnopened() == [])
        engine.learn(facts(2, budget, at: midnight.wall))
        let lastCall = engine.state(of: budget, at: before(midnight: 1).wall)
        #expect(lastCall?.span == budget.window(containing: Self.noon))
        #expect(engine.state(of: budget, at: midnight.wall)?.span == key(budget, at: midnight.wall).span)
    }

    @Test("does not ask for the window after one that no call used here")
    func unused() throws {
        let budget = EngineFixture.budget(limit: 1_000_000, period: .day)
        var engine = try engine(budget, isUsed: false)
        engine.noteNextWindows(at: before(midnight: 1), among: engine.accountPlaces)
        #expect(engine.takeUnopened() == [])
    }

    @Test("asks for the windows of many budgets at many different moments")
    func spread() throws {
        let moments = try (1...200).map { number in
            let budget = EngineFixture.budget(Int64(number), limit: 1_000_000, period: .day)
            var engine = try engine(EngineFixture.budget(Int64(number), limit: 1_000_000, period: .day))
            let asked = (0...300).reversed().first { seconds in
                engine.noteNextWindows(at: before(midnight: Int64(seconds)), among: engine.accountPlaces)
                return engine.takeUnopened() == [key(budget, at: before(midnight: 0).wall)]
            }
            return try #require(asked)
        }
        #expect(Set(moments).count == 200)
        #expect(moments.allSatisfy { $0 >= 60 })
    }

    @Test("admits a call at once where only budgets that deny nothing have an unknown window", arguments: lenient)
    func soft(enforcement: Budget.Enforcement) throws {
        let budget = EngineFixture.budget(limit: 1_000, enforcement)
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        let verdict = try verdict(&engine, EngineFixture.call(), at: .after(0))
        #expect(verdict.kind == .admit)
        #expect(engine.takeUnopened() == [key(budget, at: Self.noon)])
        let hold = try #require(verdict.hold)
        let charges = engine.beginSettling(hold, served: hold.model, cost: Money(nanodollars: 70), tokens: 7)
        #expect(charges.map(\.target) == [.unopened(key(budget, at: Self.noon))])
        #expect(charges.map(\.spent) == [70])
    }

    @Test("lets a call wait for the window of a hard budget, and of no other")
    func hard() throws {
        let budgets = [EngineFixture.budget(1, limit: 1_000), EngineFixture.budget(2, limit: 1_000, .soft)]
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration(budgets))
        guard case .ask(let ask) = engine.authorize(EngineFixture.call(), at: .after(0), isFinal: false) else {
            Issue.record("the call does not wait")
            return
        }
        #expect(ask.opens == [key(budgets[0], at: Self.noon)])
        #expect(engine.takeUnopened() == [key(budgets[1], at: Self.noon)])
    }

    private static let lenient: [Budget.Enforcement] = [.soft, .shadow]
}
