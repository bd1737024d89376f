import Testing

@testable import Accounting

@Suite("The queue of calls that wait for money") struct LeaseQueueTests {
    private let budget = DeskFixture.budget(limit: 10_000)
    private let window = WindowKey(
        budgetNumber: 1, span: DeskFixture.budget(limit: 1).window(containing: DeskFixture.start))

    /// A desk that knows its one window, with nothing leased.
    private func desk() -> Desk {
        var desk = Desk(replicaID: 1, configuration: DeskFixture.configuration([budget]))
        desk.learn(facts(revision: 1))
        return desk
    }

    private func facts(
        leased: Int64 = 0, here: Int64 = 0, recall: Int64 = 0, isRecallUnderWay: Bool = false, revision: Int64
    ) -> WindowFacts {
        WindowFacts(
            windowID: 1, key: window, limit: 10_000, spent: 0, leased: leased, leasedHere: here, recall: recall,
            isRecallUnderWay: isRecallUnderWay, revision: revision)
    }

    private func at(_ milliseconds: Int64) -> Moment {
        Moment(wall: DeskFixture.start, monotonicNanoseconds: milliseconds * 1_000_000)
    }

    /// Puts a call of 500 nanodollars in the queue.
    private func wait(_ ticket: Int64, _ queue: inout LeaseQueue, _ desk: inout Desk, at now: Moment) {
        let call = DeskFixture.call("r\(ticket)", tokens: 50)
        guard case .ask(let ask) = desk.authorize(call, at: now, isFinal: false) else {
            Issue.record("the desk did not have to ask")
            return
        }
        queue.wait(call, ask, ticket: ticket, at: now)
    }

    private func round(_ queue: inout LeaseQueue, _ desk: inout Desk, at now: Moment) throws -> LeaseRound {
        guard case .grant(let round) = try #require(queue.next(&desk, at: now)) else {
            throw Unexpected()
        }
        return round
    }

    private struct Unexpected: Error {}

    /// What PostgreSQL says to `round` where the row was `before`.
    private func result(_ round: LeaseRound, _ before: WindowFacts) -> LeaseRound.Result {
        let plan = GrantPlan(asks: round.asks, windows: [before], standing: round.standing)
        let here = before.leasedHere + (plan.grants[1] ?? 0) - (round.standing.givenBack[1] ?? 0)
        let after = WindowFacts(
            windowID: 1, key: window, limit: before.limit, spent: before.spent,
            leased: before.leased + here - before.leasedHere, leasedHere: here,
            recall: before.recall + (plan.recalled.isEmpty ? 0 : 1), isRecallUnderWay: !plan.recalled.isEmpty,
            revision: before.revision + 1)
        return LeaseRound.Result(facts: [after], plan: plan)
    }

    private func isAdmitted(_ answer: LeaseQueue.Answer?) -> Bool {
        if case .verdict(let verdict, _) = answer?.outcome { verdict.kind == .admit } else { false }
    }

    @Test("sends one round at a time, with all that wait in it")
    func oneRound() throws {
        var (queue, desk) = (LeaseQueue(), desk())
        wait(1, &queue, &desk, at: at(0))
        wait(2, &queue, &desk, at: at(0))
        let first = try round(&queue, &desk, at: at(0))
        #expect(first.asks.count == 2)
        wait(3, &queue, &desk, at: at(1))
        #expect(queue.next(&desk, at: at(1)) == nil)
        let answers = queue.took(.committed(result(first, facts(revision: 1))), &desk, at: at(2))
        #expect(answers.map(\.ticket) == [1, 2])
        #expect(answers.allSatisfy { isAdmitted($0) && $0.madeHold != nil })
        #expect(try round(&queue, &desk, at: at(2)).asks.count == 1)
    }

    @Test("asks whether a round was committed whose answer was lost, and nothing else before it knows")
    func unanswered() throws {
        var (queue, desk) = (LeaseQueue(), desk())
        wait(1, &queue, &desk, at: at(0))
        let sent = try round(&queue, &desk, at: at(0))
        #expect(queue.took(.unanswered(result(sent, facts(revision: 1))), &desk, at: at(1)).isEmpty)
        wait(2, &queue, &desk, at: at(2))
        guard case .inquire(let asked)? = queue.next(&desk, at: at(60)) else {
            Issue.record("it does not ask")
            return
        }
        #expect(asked.number == sent.number)
        #expect(queue.next(&desk, at: at(61)) == nil)
        queue.inquiryFailed(at: at(62))
        guard case .inquire? = queue.next(&desk, at: at(120)) else {
            Issue.record("it does not ask again")
            return
        }
        let answers = queue.learned(wasCommitted: true, &desk, at: at(121))
        #expect(answers.map(\.ticket) == [1])
        #expect(desk.leaseBooks.map(\.held) == [500])
        #expect(try round(&queue, &desk, at: at(121)).number == sent.number + 1)
    }

    @Test("takes a lost round for not done only where PostgreSQL says so, and asks again")
    func notCommitted() throws {
        var (queue, desk) = (LeaseQueue(), desk())
        wait(1, &queue, &desk, at: at(0))
        let sent = try round(&queue, &desk, at: at(0))
        _ = queue.took(.unanswered(result(sent, facts(revision: 1))), &desk, at: at(1))
        _ = queue.next(&desk, at: at(60))
        #expect(queue.learned(wasCommitted: false, &desk, at: at(61)).isEmpty)
        #expect(desk.leaseBooks.map(\.idle) == [0])
        #expect(try round(&queue, &desk, at: at(120)).asks.count == 1)
    }

    @Test(
        "keeps what a failed round was to give back, and forgets it where PostgreSQL refuses it",
        arguments: [true, false])
    func givenBack(isRefused: Bool) throws {
        var (queue, desk) = (LeaseQueue(), desk())
        queue.giveBack([1: 700])
        let sent = try round(&queue, &desk, at: at(0))
        #expect(sent.standing.givenBack == [1: 700])
        _ = queue.took(isRefused ? .refused : .failed, &desk, at: at(1))
        #expect(queue.next(&desk, at: at(2)) == nil)
        if isRefused {
            #expect(queue.isIdle)
        } else {
            #expect(try round(&queue, &desk, at: at(60)).standing.givenBack == [1: 700])
        }
    }

    @Test("lets a call wait for idle leases to come back, and denies it when they have not brought enough")
    func recall() throws {
        var (queue, desk) = (LeaseQueue(), desk())
        wait(1, &queue, &desk, at: at(0))
        let elsewhere = facts(leased: 9_800, revision: 2)
        let first = try round(&queue, &desk, at: at(0))
        #expect(queue.took(.committed(result(first, elsewhere)), &desk, at: at(1)).isEmpty)
        #expect(queue.parked.count == 1)
        #expect(queue.next(&desk, at: at(2)) == nil)
        queue.lookAgain()
        let second = try round(&queue, &desk, at: at(3))
        #expect(second.asks[0].recalls == [1: 1])
        let answered = facts(leased: 9_800, recall: 1, revision: 4)
        let answers = queue.took(.committed(result(second, answered)), &desk, at: at(4))
        guard case .verdict(let verdict, _)? = answers.first?.outcome else {
            Issue.record("there is no verdict")
            return
        }
        #expect(verdict.reason?.code == .fundsHeld)
    }

    @Test("looks again by itself where no word comes, and judges by what there is when patience ends")
    func silence() throws {
        var (queue, desk) = (LeaseQueue(), desk())
        wait(1, &queue, &desk, at: at(0))
        let stuck = facts(leased: 9_800, recall: 1, isRecallUnderWay: true, revision: 2)
        var answers: [LeaseQueue.Answer] = []
        var rounds = 0
        for millisecond in 0...300 where answers.isEmpty {
            guard let request = queue.next(&desk, at: at(Int64(millisecond))), case .grant(let sent) = request else {
                continue
            }
            rounds += 1
            answers = queue.took(.committed(result(sent, stuck)), &desk, at: at(Int64(millisecond)))
        }
        #expect(rounds > 5)
        guard case .verdict(let verdict, _)? = answers.first?.outcome else {
            Issue.record("there is no verdict")
            return
        }
        #expect(verdict.kind == .deny)
        #expect(queue.isIdle)
    }

    @Test("sends a call down its ladder in the round that says what there is money for")
    func downgrade() throws {
        var queue = LeaseQueue()
        var desk = Desk(
            replicaID: 1, configuration: DeskFixture.configuration([budget], ladder: ["opus", "sonnet", "haiku"]))
        desk.learn(facts(revision: 1))
        wait(1, &queue, &desk, at: at(0))
        let sent = try round(&queue, &desk, at: at(0))
        #expect(sent.asks[0].models.map(\.model) == ["opus", "sonnet", "haiku"])
        // Of 10,000 nanodollars 250 are left: opus could cost 500, sonnet 200.
        let left = WindowFacts(
            windowID: 1, key: window, limit: 10_000, spent: 9_750, leased: 0, leasedHere: 0, revision: 2)
        let answers = queue.took(.committed(result(sent, left)), &desk, at: at(1))
        guard case .verdict(let verdict, _)? = answers.first?.outcome else {
            Issue.record("there is no verdict")
            return
        }
        #expect(verdict.kind == .downgrade)
        #expect(verdict.model?.model == "sonnet")
        #expect(verdict.reason?.code == .budgetExhausted)
    }

    @Test("denies nothing where PostgreSQL had the money and others took it meanwhile")
    func takenMeanwhile() throws {
        var (queue, desk) = (LeaseQueue(), desk())
        wait(1, &queue, &desk, at: at(0))
        let sent = try round(&queue, &desk, at: at(0))
        let late = result(sent, facts(leased: 9_500, revision: 1))
        #expect(late.plan.answers == [.covered(0)])
        // An overrun of a call that was settled takes the lease before the answer is there.
        desk.learn(windowID: 1, limit: 10_000, spent: 500, leased: 10_000, revision: 9)
        let answers = queue.took(.committed(late), &desk, at: at(201))
        #expect(answers.map(\.ticket) == [1])
        #expect(answers[0].outcome == nil)
    }

    @Test("answers nothing where PostgreSQL was not reached in time")
    func noAnswer() throws {
        var (queue, desk) = (LeaseQueue(), desk())
        wait(1, &queue, &desk, at: at(0))
        var answers: [LeaseQueue.Answer] = []
        for millisecond in stride(from: Int64(0), through: 300, by: 5) where answers.isEmpty {
            guard queue.next(&desk, at: at(millisecond)) != nil else { continue }
            answers = queue.took(.failed, &desk, at: at(millisecond))
        }
        #expect(answers.map(\.ticket) == [1])
        #expect(answers[0].outcome == nil)
    }
}
