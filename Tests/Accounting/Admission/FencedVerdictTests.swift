import Testing

@testable import Accounting

@Suite("A verdict of a fenced replica") struct FencedVerdictTests {
    @Test("is replica_fenced past the fence on hard budgets only, and good again before a later one")
    func fenced() throws {
        let budgets = [
            EngineFixture.budget(limit: 1000), EngineFixture.budget(2, limit: 10, scope: Scope(team: "s"), .soft),
        ]
        var store = LeaseStoreModel(budgets)
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration(budgets))
        engine.fence(afterNanoseconds: 10_000_000_000)
        #expect(store.verdict(&engine, EngineFixture.call("a"), at: .after(10))?.kind == .admit)
        #expect(!engine.isFenced(at: .after(10)))
        #expect(engine.isFenced(at: .after(11)))
        let denied = try #require(store.verdict(&engine, EngineFixture.call("b"), at: .after(11)))
        #expect(denied.reason?.code == .replicaFenced)
        #expect(denied.reason?.retryAfterSeconds == 1)
        let soft = EngineFixture.call("c", who: Attribution(team: "s"))
        #expect(store.verdict(&engine, soft, at: .after(11))?.kind == .admit)
        engine.fence(afterNanoseconds: 20_000_000_000)
        #expect(store.verdict(&engine, EngineFixture.call("b"), at: .after(11))?.kind == .admit)
    }

    /// The verdicts of a fenced replica on calls of a hard, a soft and a shadow budget, by its policy.
    static let fencedPolicy: [(setting: FencedPolicy, admits: [Bool])] = [
        (FencedPolicy(), [false, true, true]), (FencedPolicy(hard: .open), [true, true, true]),
        (FencedPolicy(soft: .closed), [false, false, true]),
        (FencedPolicy(hard: .open, soft: .closed), [true, false, true]),
    ]

    @Test("past the fence is what the setting says, and takes nothing out of a lease", arguments: fencedPolicy)
    func fencedBySetting(setting: FencedPolicy, admits: [Bool]) throws {
        let enforcements: [Budget.Enforcement] = [.hard, .soft, .shadow]
        let budgets = enforcements.enumerated().map { number, enforcement in
            EngineFixture.budget(Int64(number + 1), limit: 1000, scope: Scope(team: "t\(number)"), enforcement)
        }
        var engine = AdmissionEngine(
            replicaID: 1, configuration: EngineFixture.configuration(budgets), fencedPolicy: setting)
        engine.fence(afterNanoseconds: .min)
        for (number, isAdmitted) in admits.enumerated() {
            // The call is larger than the whole budget, and nobody has opened its window yet.
            let call = EngineFixture.call("r\(number)", tokens: 500, who: Attribution(team: "t\(number)"))
            guard case .verdict(let verdict, _) = engine.authorize(call, at: .after(0), isFinal: false) else {
                Issue.record("a fenced engine wants to ask")
                continue
            }
            #expect(verdict.kind == (isAdmitted ? .admit : .deny))
            #expect(verdict.reason?.code == (isAdmitted ? nil : .replicaFenced))
            guard let hold = verdict.hold else { continue }
            #expect(hold.charges.isEmpty)
            // The settlement finds the window to charge.
            let charges = engine.beginSettling(hold, served: hold.model, cost: Money(nanodollars: 7), tokens: 1)
            #expect(charges.map(\.spent) == [7])
            #expect(charges.map(\.leaseRelease) == [0])
        }
    }
}
