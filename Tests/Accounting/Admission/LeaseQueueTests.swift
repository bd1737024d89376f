import Testing

@testable import Accounting

@Suite("The queue of calls that wait for money") struct LeaseQueueTests {
    private let budget = EngineFixture.budget(limit: 10_000)
    private let window = WindowKey(
        budgetNumber: 1, span: EngineFixture.budget(limit: 1).window(containing: EngineFixture.start))

    /// An engine that knows its only window, with nothing leased.
    private func engine() -> AdmissionEngine {
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        engine.learn(facts(revision: 1))
        return engine
    }

    private func facts(
        leased: Int64 = 0, here: Int64 = 0, revocation: Int64 = 0, isRevocationUnderWay: Bool = false, revision: Int64
    ) -> WindowFacts {
        WindowFacts(
            windowID: 1, key: window, limit: 10_000, spent: 0, leased: leased, leasedHere: here, revocation: revocation,
            isRevocationUnderWay: isRevocationUnderWay, revision: revision)
    }

    private func at(_ milliseconds: Int64) -> Moment {
        Moment(wall: EngineFixture.start, monotonicNanoseconds: milliseconds * 1_000_000)
    }

    /// Puts a call of 500 nanodollars in the queue.
    private func wait(_ ticket: Int64, _ queue: inout LeaseQueue, _ engine: inout AdmissionEngine, at now: Moment) {
        let call = EngineFixture.call("r\(ticket)", tokens: 50)
        guard case .ask(let ask) = engine.authorize(call, at: now, isFinal: false) else {
            Issue.record("the engine did not have to ask")
            return
        }
        queue.wait(call, ask, ticket: ticket, at: now)
    }

    private func round(_ queue: inout LeaseQueue, _ engine: inout AdmissionEngine, at now: Moment) throws -> GrantBatch
    {
        guard case .grant(let round) = try #require(queue.next(&engine, at: now)) else {
            throw Unexpected()
        }
        return round
    }

    private struct Unexpected: Error {}

    /// PostgreSQL's answer to the grant batch `round`, where the window row was `before`.
    private func result(_ round: GrantBatch, _ before: WindowFacts) -> GrantBatch.Result {
        let plan = Allocation(asks: round.asks, windows: [before], snapshot: round.snapshot)
        let here = before.leasedHere + (plan.grants[1] ?? 0) - (round.snapshot.givenBack[1] ?? 0)
        let after = WindowFacts(
            windowID: 1, key: window, limit: before.limit, spent: before.spent,
            leased: before.leased + here - before.leasedHere, leasedHere: here,
            revocation: before.revocation + (plan.revoked.isEmpty ? 0 : 1), isRevocationUnderWay: !plan.revoked.isEmpty,
            revision: before.revision + 1)
        return GrantBatch.Result(facts: [after], plan: plan, of: round)
    }

    private func isAdmitted(_ answer: LeaseQueue.Answer?) -> Bool {
        if case .verdict(let verdict, _) = answer?.outcome { verdict.kind == .admit } else { false }
    }

    @Test("sends one round at a time, with all that wait in it")
    func oneRound() throws {
        var (queue, engine) = (LeaseQueue(), engine())
        wait(1, &queue, &engine, at: at(0))
        wait(2, &queue, &engine, at: at(0))
        let first = try round(&queue, &engine, at: at(0))
        #expect(first.asks.count == 2)
        wait(3, &queue, &engine, at: at(1))
        #expect(queue.next(&engine, at: at(1)) == nil)
        let answers = queue.took(.committed(result(first, facts(revision: 1))), &engine, at: at(2))
        #expect(answers.map(\.ticket) == [1, 2])
        #expect(answers.allSatisfy { isAdmitted($0) && $0.madeHold != nil })
        #expect(try round(&queue, &engine, at: at(2)).asks.count == 1)
    }

    @Test("asks whether a round was committed whose answer was lost, and nothing else before it knows")
    func unanswered() throws {
        var (queue, engine) = (LeaseQueue(), engine())
        wait(1, &queue, &engine, at: at(0))
        let sent = try round(&queue, &engine, at: at(0))
        #expect(queue.took(.unanswered(result(sent, facts(revision: 1))), &engine, at: at(1)).isEmpty)
        wait(2, &queue, &engine, at: at(2))
        guard case .inquire(let asked)? = queue.next(&engine, at: at(60)) else {
            Issue.record("it does not ask")
            return
        }
        #expect(asked.number == sent.number)
        #expect(queue.next(&engine, at: at(61)) == nil)
        queue.inquiryFailed(at: at(62))
        guard case .inquire? = queue.next(&engine, at: at(120)) else {
            Issue.record("it does not ask again")
            return
        }
        let answers = queue.learned(wasCommitted: true, &engine, at: at(121))
        #expect(answers.map(\.ticket) == [1])
        #expect(engine.leaseViews.map(\.held) == [500])
        #expect(try round(&queue, &engine, at: at(121)).number == sent.number + 1)
    }

    @Test("takes a lost round for not done only where PostgreSQL says so, and asks again")
    func notCommitted() throws {
        var (queue, engine) = (LeaseQueue(), engine())
        wait(1, &queue, &engine, at: at(0))
        let sent = try round(&queue, &engine, at: at(0))
        _ = queue.took(.unanswered(result(sent, facts(revision: 1))), &engine, at: at(1))
        _ = queue.next(&engine, at: at(60))
        #expect(queue.learned(wasCommitted: false, &engine, at: at(61)).isEmpty)
        #expect(engine.leaseViews.map(\.idle) == [0])
        #expect(try round(&queue, &engine, at: at(120)).asks.count == 1)
    }

    @Test(
        "keeps what a failed round was to give back, and forgets it where PostgreSQL refuses it",
        arguments: [true, false])
    func givenBack(isRefused: Bool) throws {
        var (queue, engine) = (LeaseQueue(), engine())
        queue.giveBack([1: 700])
        let sent = try round(&queue, &engine, at: at(0))
        #expect(sent.snapshot.givenBack == [1: 700])
        _ = queue.took(isRefused ? .refused : .failed, &engine, at: at(1))
        #expect(queue.next(&engine, at: at(2)) == nil)
        if isRefused {
            #expect(queue.isIdle)
        } else {
            #expect(try round(&queue, &engine, at: at(60)).snapshot.givenBack == [1: 700])
        }
    }

    /// What others announce may arrive before the answer of the round that has opened the window.
    @Test(
        "gives back the idle money of a window that was called back before the round that opened it was answered",
        arguments: [true, false])
    func calledBackEarly(isAnswerLost: Bool) throws {
        var queue = LeaseQueue()
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        wait(1, &queue, &engine, at: at(0))
        let sent = try round(&queue, &engine, at: at(0)).opened([window: 1])
        queue.hear(revoked: [1, 2], engine)
        let result = result(sent, facts(revision: 1))
        if isAnswerLost {
            _ = queue.took(.unanswered(result), &engine, at: at(1))
            _ = queue.next(&engine, at: at(60))
            _ = queue.learned(wasCommitted: true, &engine, at: at(61))
        } else {
            _ = queue.took(.committed(result), &engine, at: at(61))
        }
        let next = try round(&queue, &engine, at: at(61))
        #expect(next.snapshot.revoked == [1])
        // A round that is over keeps nothing for the next one.
        _ = queue.took(.failed, &engine, at: at(62))
        queue.hear(revoked: [2], engine)
        #expect(try round(&queue, &engine, at: at(120)).snapshot.revoked == [1])
    }

    /// The configuration is read after the round was carried out, and its answer arrives before that of the round.
    @Test(
        "knows the limit that a window was given while the round that opens it was under way", arguments: [true, false])
    func changedEarly(isLowered: Bool) throws {
        var queue = LeaseQueue()
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        wait(1, &queue, &engine, at: at(0))
        let sent = try round(&queue, &engine, at: at(0)).opened([window: 1])
        let limit: Int64 = isLowered ? 4_000 : 20_000
        let changed = [1, 2].map { id in
            WindowFacts(
                windowID: id, key: window, limit: limit, spent: 0, leased: 0, leasedHere: 0, revision: 7)
        }
        queue.learn(changed: changed, &engine, at: at(1))
        _ = queue.took(.committed(result(sent, facts(revision: 1))), &engine, at: at(2))
        #expect(engine.accounts[1]?.limit == limit)
        #expect(engine.accounts[2] == nil)
    }

    @Test("lets a call wait for idle leases to come back, and denies it when they have not brought enough")
    func revocation() throws {
        var (queue, engine) = (LeaseQueue(), engine())
        wait(1, &queue, &engine, at: at(0))
        let elsewhere = facts(leased: 9_800, revision: 2)
        let first = try round(&queue, &engine, at: at(0))
        #expect(queue.took(.committed(result(first, elsewhere)), &engine, at: at(1)).isEmpty)
        #expect(queue.parked.count == 1)
        #expect(queue.next(&engine, at: at(2)) == nil)
        queue.lookAgain()
        let second = try round(&queue, &engine, at: at(3))
        #expect(second.asks[0].revocations == [1: 1])
        let answered = facts(leased: 9_800, revocation: 1, revision: 4)
        let answers = queue.took(.committed(result(second, answered)), &engine, at: at(4))
        guard case .verdict(let verdict, _)? = answers.first?.outcome else {
            Issue.record("there is no verdict")
            return
        }
        #expect(verdict.reason?.code == .fundsHeld)
    }

    @Test("looks again by itself where no word comes, and judges by what there is when patience ends")
    func silence() throws {
        var (queue, engine) = (LeaseQueue(), engine())
        wait(1, &queue, &engine, at: at(0))
        let stuck = facts(leased: 9_800, revocation: 1, isRevocationUnderWay: true, revision: 2)
        var answers: [LeaseQueue.Answer] = []
        var rounds = 0
        for millisecond in 0...300 where answers.isEmpty {
            guard let request = queue.next(&engine, at: at(Int64(millisecond))), case .grant(let sent) = request else {
                continue
            }
            rounds += 1
            answers = queue.took(.committed(result(sent, stuck)), &engine, at: at(Int64(millisecond)))
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
        var engine = AdmissionEngine(
            replicaID: 1, configuration: EngineFixture.configuration([budget], ladder: ["opus", "sonnet", "haiku"]))
        engine.learn(facts(revision: 1))
        wait(1, &queue, &engine, at: at(0))
        let sent = try round(&queue, &engine, at: at(0))
        #expect(sent.asks[0].choices.map(\.model.model) == ["opus", "sonnet", "haiku"])
        // 250 of the 10,000 nanodollars are left. opus could cost 500, sonnet 200.
        let left = WindowFacts(
            windowID: 1, key: window, limit: 10_000, spent: 9_750, leased: 0, leasedHere: 0, revision: 2)
        let answers = queue.took(.committed(result(sent, left)), &engine, at: at(1))
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
        var (queue, engine) = (LeaseQueue(), engine())
        wait(1, &queue, &engine, at: at(0))
        let sent = try round(&queue, &engine, at: at(0))
        let late = result(sent, facts(leased: 9_500, revision: 1))
        #expect(late.plan.answers == [.covered(0)])
        // Before the answer arrives, the overrun of a settled call takes the lease.
        engine.learn(windowID: 1, limit: 10_000, spent: 500, leased: 10_000, revision: 9)
        let answers = queue.took(.committed(late), &engine, at: at(201))
        #expect(answers.map(\.ticket) == [1])
        #expect(answers[0].outcome == nil)
    }

    @Test("answers nothing where PostgreSQL was not reached in time")
    func noAnswer() throws {
        var (queue, engine) = (LeaseQueue(), engine())
        wait(1, &queue, &engine, at: at(0))
        var answers: [LeaseQueue.Answer] = []
        for millisecond in stride(from: Int64(0), through: 300, by: 5) where answers.isEmpty {
            guard queue.next(&engine, at: at(millisecond)) != nil else { continue }
            answers = queue.took(.failed, &engine, at: at(millisecond))
        }
        #expect(answers.map(\.ticket) == [1])
        #expect(answers[0].outcome == nil)
    }
}
