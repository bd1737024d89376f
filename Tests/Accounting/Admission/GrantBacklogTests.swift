import Testing

@testable import Accounting

@Suite("What a grant batch takes") struct GrantBacklogTests {
    private func waiter(_ ticket: Int64, windows: [Int64]) -> LeaseQueue.Waiter {
        let needs = windows.map { LeaseAsk.Need(windowID: $0, amount: 1, holdSeconds: 600) }
        return LeaseQueue.Waiter(
            ticket: ticket, call: EngineFixture.call("r\(ticket)"), ask: LeaseAsk(alternatives: [needs]),
            deadlineNanoseconds: .max)
    }

    private func key(_ number: Int64) -> WindowKey {
        WindowKey(budgetNumber: number, span: WindowSpan(start: EngineFixture.start, end: nil))
    }

    /// The tickets of all batches, in the order in which they are sent.
    private func tickets(_ backlog: GrantBacklog) -> [[Int64]] {
        var (backlog, batches): (GrantBacklog, [[Int64]]) = (backlog, [])
        while !backlog.isEmpty { batches.append(backlog.takePortion().waiting.map(\.ticket)) }
        return batches
    }

    @Test("is no more than a batch may have, in the order in which calls came, and the rest is in the next batches")
    func asks() {
        var backlog = GrantBacklog()
        backlog.waiting = (1...600).map { waiter($0, windows: [$0]) }
        let batches = tickets(backlog)
        #expect(batches.map(\.count) == [256, 256, 88])
        #expect(batches.flatMap(\.self) == Array(1...600))
        backlog.waiting = (Int64(1)...600).map { waiter($0, windows: [1]) }
        #expect(tickets(backlog).map(\.count) == [512, 88])
    }

    @Test("counts windows that calls have to open")
    func opens() {
        var backlog = GrantBacklog()
        backlog.waiting = (Int64(1)...300).map { number in
            var waiter = waiter(number, windows: [])
            waiter.ask = LeaseAsk(opens: [key(number), key(number + 1)])
            return waiter
        }
        #expect(tickets(backlog).map(\.count) == [255, 45])
    }

    @Test("is at least one call, however many windows it names")
    func large() {
        var backlog = GrantBacklog()
        backlog.waiting = [waiter(1, windows: Array(1...300)), waiter(2, windows: [1])]
        #expect(tickets(backlog) == [[1, 2]])
        backlog.waiting.append(waiter(3, windows: [301]))
        #expect(tickets(backlog) == [[1, 2], [3]])
    }

    @Test("has places for each kind, whatever waits of the others")
    func kinds() {
        var backlog = GrantBacklog()
        backlog.waiting = (1...2_000).map { waiter($0, windows: [$0]) }
        backlog.revoked = Set(5_001...5_200)
        backlog.topUps = Set(6_001...6_200)
        backlog.opens = Set((1...200).map(key))
        backlog.giveBack(Dictionary(uniqueKeysWithValues: (7_001...7_200).map { (Int64($0), 1) }))
        let portion = backlog.takePortion()
        #expect(portion.revoked.count == 128 && backlog.revoked.count == 72)
        #expect(portion.topUps.count == 64 && backlog.topUps.count == 136)
        #expect(portion.opens.count == 128 && backlog.opens.count == 72)
        #expect(portion.givenBack.count == 128 && backlog.givenBack.count == 72)
        #expect(portion.revoked.isDisjoint(with: backlog.revoked))
    }

    @Test("has all money that goes back to a window that it asks of")
    func returns() {
        var backlog = GrantBacklog()
        backlog.giveBack(Dictionary(uniqueKeysWithValues: (1...3_000).map { (Int64($0), 5) }))
        backlog.waiting = [waiter(1, windows: [2_999])]
        backlog.revoked = [3_000]
        backlog.topUps = [2_998]
        let portion = backlog.takePortion()
        #expect([2_998, 2_999, 3_000].allSatisfy { portion.givenBack[$0] == 5 })
        #expect(portion.givenBack.count == 131)
    }
}
