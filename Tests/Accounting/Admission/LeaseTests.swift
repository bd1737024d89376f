import Testing

@testable import Accounting

@Suite("A lease") struct LeaseTests {
    private let budget = EngineFixture.budget(limit: 10_000)

    @Test("that nobody used for ten seconds goes back, but not what is held")
    func idle() throws {
        var store = LeaseStoreModel([budget])
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        _ = try #require(store.verdict(&engine, EngineFixture.call("r", tokens: 50))?.hold)
        #expect(engine.accounts[1]!.free > 0)
        #expect(engine.takeIdle(at: .after(10), all: false).isEmpty)
        store.giveBack(&engine, at: .after(11))
        #expect(store.row(1)!.leased == 500)
        #expect(engine.accounts[1]!.lease == 500)
        store.giveBack(&engine, at: .after(11), all: true)
        #expect(store.row(1)!.leased == 500)
    }

    @Test("goes back at once where the limit was lowered below what is spent and leased")
    func lowered() throws {
        var store = LeaseStoreModel([budget])
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        _ = try #require(store.verdict(&engine, EngineFixture.call("r", tokens: 50))?.hold)
        store.setLimit(400, of: 1)
        engine.learn(store.fact(1, for: engine))
        store.giveBack(&engine, at: .after(1))
        #expect(store.row(1)!.leased == 500)
        #expect(store.verdict(&engine, EngineFixture.call("s"), at: .after(1))?.reason?.code == .fundsHeld)
        #expect(
            store.verdict(&engine, EngineFixture.call("s", tokens: 41), at: .after(1))?.reason?.code == .overCallLimit)
    }

    @Test("grows with the rate of asking, runs ahead of the calls, and falls back after quiet")
    func headroom() throws {
        let budget = EngineFixture.budget(limit: 1_000_000_000)
        var store = LeaseStoreModel([budget])
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        var asks = 0
        for number in 0..<2000 {
            guard case .verdict = engine.authorize(EngineFixture.call("r\(number)"), at: .after(1), isFinal: false)
            else {
                asks += 1
                _ = store.verdict(&engine, EngineFixture.call("r\(number)"), at: .after(1))
                continue
            }
        }
        #expect(asks < 20)
        let busy = engine.accounts[1]!.headroom
        #expect(busy > 20_000)
        #expect(engine.beginGrantBatch([], topUps: [1], at: .after(51)).headroom[1]! < busy / 500)
        engine.abandonGrantBatch(engine.beginGrantBatch([], topUps: [1], at: .after(51)))
        #expect(!engine.accounts[1]!.isAskInFlight)
    }

    @Test("is topped up before it runs out, unless the window is at its edge")
    func topUps() throws {
        let budget = EngineFixture.budget(limit: 100_000)
        var store = LeaseStoreModel([budget])
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        var toppedUp: Set<Int64> = []
        for number in 0..<5 {
            let call = EngineFixture.call("r\(number)")
            if case .verdict(_, let topUps) = store.authorize(&engine, call, at: .after(0)) {
                toppedUp.formUnion(topUps)
            }
        }
        #expect(toppedUp == [1])
        let before = store.row(1)!.leased
        _ = store.round(&engine, [], topUps: [1], at: .after(0))
        #expect(store.row(1)!.leased > before)
        store.setLimit(store.row(1)!.leased, of: 1)
        _ = store.round(&engine, [], topUps: [1], at: .after(0))
        #expect(engine.accounts[1]!.isNearLimit)
        #expect(engine.topUps(after: [Hold.Charge(windowID: 1, budgetNumber: 1, amount: 1, isLeased: true)]).isEmpty)
    }

    @Test("must be known to outlive a longer hold before one is made")
    func longerHold() throws {
        var store = LeaseStoreModel([budget])
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        _ = store.verdict(&engine, EngineFixture.call("short", holdSeconds: 60))
        guard case .verdict = engine.authorize(EngineFixture.call("s", holdSeconds: 60), at: .after(0), isFinal: false),
            case .ask = engine.authorize(EngineFixture.call("l", holdSeconds: 61), at: .after(0), isFinal: false)
        else {
            Issue.record("a hold was made that the lease is not known to outlive")
            return
        }
        #expect(store.verdict(&engine, EngineFixture.call("l", holdSeconds: 61))?.kind == .admit)
    }

    @Test("covers what a budget held before it became hard, in one round")
    func becomesHard() throws {
        let soft = EngineFixture.budget(limit: 10_000, .soft)
        var store = LeaseStoreModel([soft])
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([soft]))
        let holds = (0..<20).compactMap { store.verdict(&engine, EngineFixture.call("r\($0)", tokens: 45))?.hold }
        #expect(holds.count == 20)
        engine.adopt(EngineFixture.configuration([budget], version: 2))
        guard
            case .ask(let ask) = engine.authorize(
                EngineFixture.call("hard", tokens: 100), at: .after(0), isFinal: false)
        else {
            Issue.record("a call was judged without a lease")
            return
        }
        _ = store.round(&engine, [ask], at: .after(0))
        #expect(store.row(1)!.leased >= 10_000)
        guard
            case .verdict(let verdict, _) = engine.authorize(
                EngineFixture.call("hard", tokens: 100), at: .after(0), isFinal: true)
        else { return }
        #expect(verdict.kind == .admit)
        #expect(store.verdict(&engine, EngineFixture.call("more"))?.reason?.code == .fundsHeld)
        for hold in holds { store.settle(hold, tokens: 45, by: &engine) }
        #expect(store.row(1)!.spent == 9000)
        #expect(engine.accounts[1]!.held == 1000)
    }

    @Test("takes older updates of a window for what it is")
    func revisions() throws {
        var store = LeaseStoreModel([budget])
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        let hold = try #require(store.verdict(&engine, EngineFixture.call("r", tokens: 50))?.hold)
        let old = store.fact(1, for: engine)
        store.settle(hold, tokens: 50, by: &engine)
        engine.learn(old)
        engine.learn(windowID: 1, limit: 1, spent: 0, leased: 0, revision: 1)
        #expect(engine.accounts[1]!.spent == 500)
        #expect(engine.accounts[1]!.limit == 10_000)
    }
}
