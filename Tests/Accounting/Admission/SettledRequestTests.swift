import Testing

@testable import Accounting

@Suite("A request that has its entry") struct SettledRequestTests {
    /// An engine that has settled `r`, with no budget that needs a lease.
    private func engine() -> AdmissionEngine {
        let budget = EngineFixture.budget(limit: 10_000, .soft)
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        engine.remember(settled: RequestName(team: "t", id: "r"))
        return engine
    }

    /// Asks for `requestID` through the queue, where the ledger has entries of `settled`.
    private func outcome(
        of call: Call, _ engine: inout AdmissionEngine, ledger settled: Set<RequestName>
    ) throws -> AuthorizeOutcome? {
        let asked = engine.authorize(call, at: .after(0), isFinal: false)
        guard case .ask(let ask) = asked else { return asked }
        var queue = LeaseQueue()
        queue.wait(call, ask, ticket: 1, at: .after(0))
        guard case .grant(let batch) = try #require(queue.next(&engine, at: .after(0))) else { throw Unexpected() }
        let plan = Allocation(asks: batch.asks, windows: [], snapshot: batch.snapshot)
        let result = GrantBatch.Result(
            facts: [], plan: plan, of: batch, settled: settled.intersection(batch.requests))
        return queue.took(.committed(result), &engine, at: .after(0)).first?.outcome
    }

    private func verdict(_ outcome: AuthorizeOutcome?) throws -> Verdict {
        guard case .verdict(let verdict, _) = try #require(outcome) else { throw Unexpected() }
        return verdict
    }

    private struct Unexpected: Error {}

    @Test("is denied once the ledger says so, in a dry run too", arguments: [false, true])
    func denied(isDryRun: Bool) throws {
        var engine = engine()
        let call = EngineFixture.call("r", isDryRun: isDryRun)
        let verdict = try verdict(outcome(of: call, &engine, ledger: [call.requestName]))
        #expect(verdict.kind == .deny)
        #expect(verdict.reason?.code == .requestSettled)
        #expect(verdict.reason?.budgetID == nil)
        #expect(verdict.reason?.message == "r has its entry already; a new call takes another request_id.")
        #expect(engine.openHoldCount == 0)
    }

    @Test("is admitted where the ledger has no entry of it, because a hash proves nothing")
    func collision() throws {
        var engine = engine()
        let verdict = try verdict(outcome(of: EngineFixture.call("r"), &engine, ledger: []))
        #expect(verdict.kind == .admit)
        #expect(engine.openHoldCount == 1)
    }

    @Test("asks the ledger for no other request", arguments: [("t", "r2"), ("u", "r")])
    func others(team: String, id: String) {
        var engine = engine()
        let call = EngineFixture.call(id, who: Attribution(team: team))
        if case .ask(let ask) = engine.authorize(call, at: .after(0), isFinal: false) { #expect(ask.request == nil) }
    }

    @Test(
        "is remembered when another replica has settled its hold, and not when it has voided it",
        arguments: [HoldEnd.settled, .voided])
    func elsewhere(how: HoldEnd) throws {
        var engine = engine()
        let hold = try #require(try verdict(outcome(of: EngineFixture.call("r2"), &engine, ledger: [])).hold)
        engine.endedElsewhere(hold.id.number, how)
        let call = EngineFixture.call("r2")
        let kind = try verdict(outcome(of: call, &engine, ledger: [call.requestName])).kind
        #expect(kind == (how == .settled ? .deny : .admit))
    }

    @Test("is remembered by a replica that registers anew")
    func anew() {
        var engine = engine().startingAnew(as: 2)
        guard case .ask(let ask) = engine.authorize(EngineFixture.call("r"), at: .after(0), isFinal: false) else {
            Issue.record("it does not ask")
            return
        }
        #expect(ask.request == RequestName(team: "t", id: "r"))
    }

    @Test("is forgotten only after a hundred thousand others")
    func bounded() {
        var table = SettledRequests()
        let hashes = (0..<400_000).map { QuickHash("\($0)").value }
        for hash in hashes { table.insert(hash) }
        #expect(hashes.suffix(100_000).count(where: table.mayContain) > 98_000)
        #expect(hashes.prefix(100_000).count(where: table.mayContain) < 20_000)
        #expect(!table.mayContain(QuickHash("other").value))
    }
}
