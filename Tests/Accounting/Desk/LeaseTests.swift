import Testing

@testable import Accounting

@Suite("A lease") struct LeaseTests {
    private let budget = DeskFixture.budget(limit: 10_000)

    @Test("that nobody used for ten seconds goes back, but not what is held")
    func idle() throws {
        var bank = BankModel([budget])
        var desk = Desk(replicaID: 1, configuration: DeskFixture.configuration([budget]))
        _ = try #require(bank.verdict(&desk, DeskFixture.call("r", tokens: 50))?.hold)
        #expect(desk.accounts[1]!.free > 0)
        #expect(desk.takeIdle(at: Moment.after(10).wall, all: false).isEmpty)
        bank.giveBack(&desk, at: .after(11))
        #expect(bank.row(1)!.leased == 500)
        #expect(desk.accounts[1]!.lease == 500)
        bank.giveBack(&desk, at: .after(11), all: true)
        #expect(bank.row(1)!.leased == 500)
    }

    @Test("goes back at once where the limit was lowered below what is spent and leased")
    func lowered() throws {
        var bank = BankModel([budget])
        var desk = Desk(replicaID: 1, configuration: DeskFixture.configuration([budget]))
        _ = try #require(bank.verdict(&desk, DeskFixture.call("r", tokens: 50))?.hold)
        bank.setLimit(400, of: 1)
        desk.learn(bank.fact(1, for: desk))
        bank.giveBack(&desk, at: .after(1))
        #expect(bank.row(1)!.leased == 500)
        #expect(bank.verdict(&desk, DeskFixture.call("s"), at: .after(1))?.reason?.code == .fundsHeld)
        #expect(bank.verdict(&desk, DeskFixture.call("s", tokens: 41), at: .after(1))?.reason?.code == .overCallLimit)
    }

    @Test("grows with the rate of asking, runs ahead of the calls, and falls back after quiet")
    func headroom() throws {
        let budget = DeskFixture.budget(limit: 1_000_000_000)
        var bank = BankModel([budget])
        var desk = Desk(replicaID: 1, configuration: DeskFixture.configuration([budget]))
        var asks = 0
        for number in 0..<2000 {
            guard case .verdict = desk.authorize(DeskFixture.call("r\(number)"), at: .after(1), isFinal: false) else {
                asks += 1
                _ = bank.verdict(&desk, DeskFixture.call("r\(number)"), at: .after(1))
                continue
            }
        }
        #expect(asks < 20)
        let busy = desk.accounts[1]!.headroom
        #expect(busy > 20_000)
        #expect(desk.beginRound([], topUps: [1], at: Moment.after(51).wall).headroom[1]! < busy / 500)
        desk.abandonRound(desk.beginRound([], topUps: [1], at: Moment.after(51).wall))
        #expect(!desk.accounts[1]!.isAskInFlight)
    }

    @Test("is topped up before it runs out, unless the window is at its edge")
    func topUps() throws {
        let budget = DeskFixture.budget(limit: 100_000)
        var bank = BankModel([budget])
        var desk = Desk(replicaID: 1, configuration: DeskFixture.configuration([budget]))
        var toppedUp: Set<Int64> = []
        for number in 0..<5 {
            let call = DeskFixture.call("r\(number)")
            if case .verdict(_, let topUps) = bank.authorize(&desk, call, at: .after(0)) { toppedUp.formUnion(topUps) }
        }
        #expect(toppedUp == [1])
        let before = bank.row(1)!.leased
        _ = bank.round(&desk, [], topUps: [1], at: .after(0))
        #expect(bank.row(1)!.leased > before)
        bank.setLimit(bank.row(1)!.leased, of: 1)
        _ = bank.round(&desk, [], topUps: [1], at: .after(0))
        #expect(desk.accounts[1]!.isAtEdge)
        #expect(desk.topUps(after: [Hold.Charge(windowID: 1, budgetNumber: 1, amount: 1, isLeased: true)]).isEmpty)
    }

    @Test("must be known to outlive a longer hold before one is made")
    func longerHold() throws {
        var bank = BankModel([budget])
        var desk = Desk(replicaID: 1, configuration: DeskFixture.configuration([budget]))
        _ = bank.verdict(&desk, DeskFixture.call("short", holdSeconds: 60))
        guard case .verdict = desk.authorize(DeskFixture.call("s", holdSeconds: 60), at: .after(0), isFinal: false),
            case .ask = desk.authorize(DeskFixture.call("l", holdSeconds: 61), at: .after(0), isFinal: false)
        else {
            Issue.record("a hold was made that the lease is not known to outlive")
            return
        }
        #expect(bank.verdict(&desk, DeskFixture.call("l", holdSeconds: 61))?.kind == .admit)
    }

    @Test("covers what a budget held before it became hard, in one round")
    func becomesHard() throws {
        let soft = DeskFixture.budget(limit: 10_000, .soft)
        var bank = BankModel([soft])
        var desk = Desk(replicaID: 1, configuration: DeskFixture.configuration([soft]))
        let holds = (0..<20).compactMap { bank.verdict(&desk, DeskFixture.call("r\($0)", tokens: 45))?.hold }
        #expect(holds.count == 20)
        desk.adopt(DeskFixture.configuration([budget], version: 2))
        guard case .ask(let ask) = desk.authorize(DeskFixture.call("hard", tokens: 100), at: .after(0), isFinal: false)
        else {
            Issue.record("a call was judged without a lease")
            return
        }
        _ = bank.round(&desk, [ask], at: .after(0))
        #expect(bank.row(1)!.leased >= 10_000)
        guard
            case .verdict(let verdict, _) = desk.authorize(
                DeskFixture.call("hard", tokens: 100), at: .after(0), isFinal: true)
        else { return }
        #expect(verdict.kind == .admit)
        #expect(bank.verdict(&desk, DeskFixture.call("more"))?.reason?.code == .fundsHeld)
        for hold in holds { bank.settle(hold, tokens: 45, by: &desk) }
        #expect(bank.row(1)!.spent == 9000)
        #expect(desk.accounts[1]!.held == 1000)
    }

    @Test("takes older news of a window for what it is")
    func revisions() throws {
        var bank = BankModel([budget])
        var desk = Desk(replicaID: 1, configuration: DeskFixture.configuration([budget]))
        let hold = try #require(bank.verdict(&desk, DeskFixture.call("r", tokens: 50))?.hold)
        let old = bank.fact(1, for: desk)
        bank.settle(hold, tokens: 50, by: &desk)
        desk.learn(old)
        desk.learn(windowID: 1, limit: 1, spent: 0, leased: 0, revision: 1)
        #expect(desk.accounts[1]!.spent == 500)
        #expect(desk.accounts[1]!.limit == 10_000)
        desk.adopt(DeskFixture.configuration([], version: 0))
        #expect(desk.configuration.budgets.count == 1)
    }
}
