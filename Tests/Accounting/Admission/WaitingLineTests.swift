import Testing

@testable import Accounting

@Suite("A call that waits for held money") struct WaitingLineTests {
    private func replica(limit: Int64 = 1_000, ladder: [String]? = nil) -> OneReplica {
        OneReplica([EngineFixture.budget(limit: limit)], ladder: ladder)
    }

    @Test("is admitted when it comes free, first come first served")
    func inOrder() {
        var replica = replica()
        let first = replica.ask(50)
        let second = replica.ask(50)
        let waiting = (0..<4).map { _ in replica.ask(50, wait: 5_000) }
        #expect(waiting.allSatisfy(replica.isWaiting))
        replica.settle(first)
        #expect(replica.answered == [first, second, waiting[0]])
        replica.settle(waiting[0])
        replica.settle(second)
        #expect(replica.answered == [first, second, waiting[0], waiting[1], waiting[2]])
        #expect(replica.verdict(waiting[2])?.kind == .admit && replica.isWaiting(waiting[3]))
        replica.settle(waiting[1], cost: 200)
        #expect(replica.isWaiting(waiting[3]))
        replica.settle(waiting[2], cost: 300)
        #expect(replica.verdict(waiting[3])?.kind == .admit)
    }

    /// 400 of 1,000 nanodollars are free, and the first in line needs 500.
    @Test("is not overtaken by one that would fit: that waits behind it, or is denied")
    func notOvertaken() throws {
        var replica = replica()
        let holder = replica.ask(60)
        let ahead = replica.ask(50, wait: 5_000)
        let denied = replica.ask(30)
        let behind = replica.ask(30, wait: 5_000)
        #expect(replica.verdict(denied)?.reason?.code == .fundsHeld)
        let message = try #require(replica.verdict(denied)?.reason?.message)
        #expect(message.contains("kept for calls that wait"), "\(message)")
        #expect(replica.isWaiting(ahead) && replica.isWaiting(behind))
        #expect(replica.judge(1)?.kind == .deny)
        replica.settle(holder)
        #expect(replica.answered.suffix(2) == [ahead, behind])
        #expect(replica.verdict(behind)?.kind == .admit)
        #expect(replica.judge(20)?.kind == .admit)
    }

    /// Money that lies in the lease is kept too, not only what PostgreSQL has.
    @Test("is not overtaken inside the lease of its replica")
    func notOvertakenInLease() {
        var replica = replica()
        let holders = [replica.ask(40), replica.ask(40)]
        replica.leaseElsewhere(200)
        let ahead = replica.ask(50, wait: 5_000)
        #expect(replica.isWaiting(ahead))
        // One hold ends; its 400 stay idle in the lease or return to the window.
        replica.settle(holders[0])
        #expect(replica.isWaiting(ahead))
        #expect(replica.judge(40)?.kind == .deny)
        replica.settle(holders[1])
        #expect(replica.verdict(ahead)?.kind == .admit)
    }

    @Test("keeps no money from calls that others count, nor what is left beyond its need")
    func others() {
        let budgets = [
            EngineFixture.budget(1, limit: 1_000, scope: Scope(feature: "f")),
            EngineFixture.budget(2, limit: 1_000, scope: Scope(feature: "g")), EngineFixture.budget(3, limit: 2_000),
        ]
        var replica = OneReplica(budgets)
        let (f, g) = (Attribution(team: "t", feature: "f"), Attribution(team: "t", feature: "g"))
        replica.ask(50, who: f)
        replica.ask(40, who: f)
        let ahead = replica.ask(50, wait: 5_000, who: f)
        #expect(replica.isWaiting(ahead))
        // Of budget 3, 1,100 are left, and 500 of them are kept.
        #expect(replica.judge(50, who: g)?.kind == .admit)
        #expect(replica.judge(20, who: g)?.reason?.budgetID == "budget-3")
    }

    @Test("is denied when its time is over, with the reason of that moment, and counted once")
    func timeIsOver() {
        var replica = replica()
        replica.ask(50)
        replica.ask(50)
        let (short, long) = (replica.ask(50, wait: 300), replica.ask(50, wait: 30_000))
        replica.milliseconds = 299
        replica.endWaits()
        #expect(replica.isWaiting(short))
        replica.milliseconds = 300
        replica.endWaits()
        #expect(replica.verdict(short)?.reason?.code == .fundsHeld)
        #expect(replica.isWaiting(long))
        replica.update { engine in
            #expect(engine.takeVerdictCounts().filter { $0.key.verdict == .deny }.map(\.calls) == [1])
        }
    }

    struct AtOnce: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var output: Int64 = 50
        var least: Int64?
        var ladder: [String]?
        var spent: Int64 = 0
        let kind: Verdict.Kind
        var reason: Reason.Code?
        var model = "opus"
        var admitted: Int64?
    }

    /// 600 of 1,000 nanodollars are held.
    @Test(
        "is answered at once where waiting cannot help or need not be",
        arguments: [
            AtOnce(
                testDescription: "more than the limit", output: 50, spent: 501, kind: .deny, reason: .budgetExhausted),
            AtOnce(
                testDescription: "a smaller answer fits", least: 30, kind: .admit, admitted: 40),
            AtOnce(
                testDescription: "a lower model fits", ladder: ["opus", "sonnet"], kind: .downgrade, reason: .fundsHeld,
                model: "sonnet", admitted: 50),
        ])
    func atOnce(_ expected: AtOnce) {
        var replica = replica(ladder: expected.ladder)
        let holder = replica.ask(expected.spent > 0 ? 50 : 60)
        if expected.spent > 0 { replica.settle(holder, cost: expected.spent) }
        let ticket = replica.ask(expected.output, wait: 5_000, least: expected.least)
        let verdict = replica.verdict(ticket)
        #expect(verdict?.kind == expected.kind)
        #expect(verdict?.reason?.code == expected.reason)
        #expect(verdict?.maxOutputTokens == expected.admitted)
        if expected.kind != .deny { #expect(verdict?.model?.model == expected.model) }
        #expect(replica.queue.isIdle)
    }

    @Test("takes the smaller answer as soon as that fits")
    func clamped() {
        var replica = replica()
        let holders = [replica.ask(50), replica.ask(45)]
        let ticket = replica.ask(50, wait: 5_000, least: 10)
        #expect(replica.isWaiting(ticket))
        replica.settle(holders[1], cost: 250)
        #expect(replica.verdict(ticket)?.maxOutputTokens == 25)
        #expect(replica.verdict(ticket)?.isClamped == true)
    }

    @Test("gives up its place when its client has gone away")
    func forgotten() {
        var replica = replica()
        replica.ask(60)
        let gone = replica.ask(50, wait: 5_000)
        #expect(replica.judge(40)?.kind == .deny)
        replica.forget(gone)
        #expect(replica.queue.isIdle && replica.outcomes[gone] == nil)
        #expect(replica.judge(40)?.kind == .admit)
    }

    @Test("is answered at once while the replica drains or is fenced", arguments: [true, false])
    func drainOrFence(isDrained: Bool) {
        var replica = replica()
        replica.ask(60)
        let ticket = replica.ask(50, wait: 5_000)
        replica.update { if isDrained { $0.drain() } else { $0.fence(afterNanoseconds: .min) } }
        replica.endWaits()
        #expect(replica.queue.isIdle)
        if isDrained {
            guard case .overCapacity? = replica.outcomes[ticket] else {
                Issue.record("the call is not refused")
                return
            }
        } else {
            #expect(replica.verdict(ticket)?.reason?.code == .replicaFenced)
        }
    }

    @Test("asks with all others in one transaction, when it is woken and now and then")
    func oneTransaction() {
        var replica = replica()
        let holder = replica.ask(50)
        replica.ask(50)
        for _ in 0..<40 { replica.ask(50, wait: 30_000) }
        var before = replica.batches
        for step in 1...99 {
            replica.milliseconds = Int64(step)
            replica.send()
        }
        #expect(replica.batches <= before + 1)
        before = replica.batches
        replica.milliseconds = 1_000
        replica.send()
        #expect(replica.batches == before + 1)
        replica.settle(holder)
        #expect(replica.batches == before + 2)
        #expect(replica.queue.waitingCount == 39)
    }

    @Test("finds what came free on other replicas, and calls back what is idle there")
    func otherReplicas() {
        var replica = replica()
        replica.leaseElsewhere(800)
        let ticket = replica.ask(50, wait: 30_000)
        #expect(replica.rows[1]!.isRevocationUnderWay)
        replica.answerRevocation(givingBack: 100)
        #expect(replica.isWaiting(ticket))
        replica.milliseconds = 1_500
        replica.send()
        #expect(replica.rows[1]!.revocation == 2)
        replica.answerRevocation(givingBack: 100)
        #expect(replica.isWaiting(ticket))
        replica.leaseElsewhere(-100)
        replica.milliseconds = 1_600
        replica.send()
        #expect(replica.verdict(ticket)?.kind == .admit)
    }

    @Test("is refused where too many wait already")
    func tooMany() {
        var replica = replica()
        replica.ask(50)
        replica.ask(50)
        let tickets = (0...WaitingLine.maximumWaiters).map { _ in replica.ask(50, wait: 30_000) }
        #expect(replica.queue.waitingCount == WaitingLine.maximumWaiters)
        guard case .overCapacity? = replica.outcomes[tickets.last!] else {
            Issue.record("the last call is not refused")
            return
        }
    }

    @Test("gets the same hold as the same request that came before it")
    func repeated() {
        var replica = replica()
        let holder = replica.ask(60)
        let call = replica.call(50, wait: 5_000)
        let tickets = [replica.ask(call), replica.ask(call)]
        replica.settle(holder)
        #expect(replica.verdict(tickets[0])?.hold != nil)
        #expect(replica.verdict(tickets[0]) === replica.verdict(tickets[1]))
    }
}
