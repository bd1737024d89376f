import Testing

@testable import Accounting

/// A call needs 100 in full, and takes 30.
@Suite("An ask that takes less") struct ClampedAskTests {
    private static let ask = LeaseAsk(alternatives: [
        [LeaseAsk.Need(windowID: 1, amount: 100, holdSeconds: 60)],
        [LeaseAsk.Need(windowID: 1, amount: 30, fullAmount: 100, holdSeconds: 60)],
    ])

    private static func row(
        available: Int64, byLive: Int64 = 0, byGone: Int64 = 0, revocation: Int64 = 0, isUnderWay: Bool = false
    ) -> WindowFacts {
        WindowFacts(
            windowID: 1,
            key: WindowKey(budgetNumber: 1, span: WindowSpan(start: EngineFixture.start, end: nil)), limit: 1000,
            spent: 1000 - available - byLive - byGone, leased: byLive + byGone, leasedHere: 0, leasedByGone: byGone,
            revocation: revocation, isRevocationUnderWay: isUnderWay, revision: 1)
    }

    private static func plan(_ asks: [LeaseAsk], _ row: WindowFacts, free: Int64 = 0) -> Allocation {
        var snapshot = AdmissionEngine.LeaseSnapshot()
        snapshot.free = [1: free]
        return Allocation(asks: asks, windows: [row], snapshot: snapshot)
    }

    struct Case: Sendable {
        var free: Int64 = 0
        let available: Int64
        var byGone: Int64 = 0
        let answer: Allocation.Answer
        let granted: Int64
    }

    @Test(
        "gets all where it is there, else what there is, but not less than it takes",
        arguments: [
            Case(available: 100, answer: .covered(0), granted: 100),
            Case(available: 99, answer: .covered(1), granted: 99),
            Case(free: 20, available: 60, answer: .covered(1), granted: 60),
            Case(free: 90, available: 5, answer: .covered(1), granted: 5),
            Case(free: 40, available: 0, answer: .covered(1), granted: 0),
            Case(available: 30, byGone: 500, answer: .covered(1), granted: 30),
            Case(available: 29, answer: .short, granted: 0), Case(available: -500, answer: .short, granted: 0),
        ])
    func whatThereIs(_ expected: Case) {
        let plan = Self.plan(
            [Self.ask], Self.row(available: expected.available, byGone: expected.byGone), free: expected.free)
        #expect(plan.answers == [expected.answer])
        #expect(plan.grants[1, default: 0] == expected.granted)
        #expect(plan.revoked.isEmpty)
    }

    @Test("leaves nothing to asks behind it where it gets less than all")
    func order() {
        let plan = Self.plan([Self.ask, Self.ask], Self.row(available: 140))
        #expect(plan.answers == [.covered(0), .covered(1)])
        #expect(Self.plan([Self.ask, Self.ask], Self.row(available: 99)).answers == [.covered(1), .short])
    }

    /// The full amount may be there, or more than is free now.
    @Test("calls idle leases back before it gets less than all", arguments: [Int64(50), 200])
    func callsBack(byLive: Int64) {
        let first = Self.plan([Self.ask], Self.row(available: 40, byLive: byLive))
        #expect(first.answers == [.waits([1: 1])])
        #expect(first.revoked == [1] && first.grants == [:])
        var waiting = Self.ask
        waiting.revocations = [1: 1]
        let underWay = Self.row(available: 40, byLive: byLive, revocation: 1, isUnderWay: true)
        #expect(Self.plan([waiting], underWay).answers == [.waits([1: 1])])
        let answered = Self.plan([waiting], Self.row(available: 40, byLive: byLive, revocation: 1))
        #expect(answered.answers == [.covered(1)])
        #expect(answered.grants == [1: 40])
    }

    @Test("calls nothing back where even that would be too little, or where it may not wait any longer")
    func callsNothingBack() {
        #expect(Self.plan([Self.ask], Self.row(available: 10, byLive: 19)).answers == [.short])
        var last = Self.ask
        last.callsBack = false
        let plan = Self.plan([last], Self.row(available: 40, byLive: 500))
        #expect(plan.answers == [.covered(1)])
        #expect(plan.revoked.isEmpty && plan.grants == [1: 40])
    }

    /// Where a replica does not give back in time, as where it is cut off.
    @Test("asks once more for what is there when its patience with other replicas ends")
    func patienceEnds() throws {
        let budget = EngineFixture.budget(limit: 1_000)
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        let key = WindowKey(budgetNumber: 1, span: budget.window(containing: EngineFixture.start))
        func facts(here: Int64, revision: Int64) -> WindowFacts {
            WindowFacts(
                windowID: 1, key: key, limit: 1_000, spent: 0, leased: 700 + here, leasedHere: here, revocation: 1,
                isRevocationUnderWay: true, revision: revision)
        }
        engine.learn(facts(here: 0, revision: 1))
        var queue = LeaseQueue()
        let call = EngineFixture.call(tokens: 10, output: 40, leastOutput: 5)
        guard case .ask(let ask) = engine.authorize(call, at: .after(0), isFinal: false) else {
            Issue.record("the engine did not have to ask")
            return
        }
        queue.wait(call, ask, ticket: 1, at: .after(0))
        var answers: [LeaseQueue.Answer] = []
        for second in 0...2 where answers.isEmpty {
            guard case .grant(let batch)? = queue.next(&engine, at: .after(Int64(second))) else { continue }
            let before = facts(here: 0, revision: Int64(second + 2))
            let plan = Allocation(asks: batch.asks, windows: [before], snapshot: batch.snapshot)
            let after = facts(here: plan.grants[1] ?? 0, revision: Int64(second + 3))
            answers = queue.took(
                .committed(.init(facts: [after], plan: plan, of: batch)), &engine, at: .after(Int64(second)))
        }
        guard case .verdict(let verdict, _)? = answers.first?.outcome else {
            Issue.record("there is no verdict")
            return
        }
        #expect(verdict.kind == .admit && verdict.maxOutputTokens == 20)
    }
}
