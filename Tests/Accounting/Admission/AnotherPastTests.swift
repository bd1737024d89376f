import Testing

@testable import Accounting

/// A database that was restored from a backup may know another hold, or another window, under an id that it gave away in
/// the time that was lost.
@Suite("A hold of a past that the database has lost") struct AnotherPastTests {
    private let budget = EngineFixture.budget(limit: 10_000)

    /// The lost start has made `lost` under the id under which the present start has made `live`.
    private func pasts() throws -> (store: LeaseStoreModel, engine: AdmissionEngine, lost: Hold, live: Hold) {
        var forgotten = LeaseStoreModel([budget])
        var before = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        let lost = try #require(forgotten.verdict(&before, EngineFixture.call("lost", tokens: 90))?.hold)
        var store = LeaseStoreModel([budget])
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        let live = try #require(store.verdict(&engine, EngineFixture.call("live"), at: .after(60))?.hold)
        #expect(lost.id == live.id)
        return (store, engine, lost, live)
    }

    enum Ending: CaseIterable { case settle, void, discard, reopen }

    @Test("takes nothing of the hold that has its number now", arguments: Ending.allCases)
    func number(_ ending: Ending) throws {
        var (store, engine, lost, live) = try pasts()
        let (held, lease) = (engine.accounts[1]!.held, engine.accounts[1]!.lease)
        #expect(engine.isOfAnotherPast(lost))
        #expect(!engine.isOfAnotherPast(live))
        switch ending {
        case .settle:
            let charges = engine.beginSettling(
                lost, served: lost.model, cost: Money(nanodollars: 700), tokens: 70)
            #expect(charges.map(\.spent) == [700])
            #expect(charges.map(\.leaseRelease) == [0])
            engine.finish(lost, charges, wasFirst: true)
        case .void:
            #expect(engine.beginVoiding(lost).map(\.leaseRelease) == [0])
            engine.finish(lost, [], wasFirst: false)
        case .discard: engine.discard(lost)
        case .reopen: engine.reopen(lost)
        }
        #expect(engine.accounts[1]!.held == held)
        #expect(engine.accounts[1]!.lease == lease)
        #expect(engine.openHolds == [live])
        // The live hold is as it was: it expires once, and its money is whole.
        #expect(engine.beginExpiring(at: .after(660)).map(\.hold) == [live])
        store.end(live, .expired, [], by: &engine)
        #expect(engine.accounts[1]!.held == 0)
        #expect(engine.accounts[1]!.lease == store.row(1)!.leased)
    }

    @Test("is known as such also before this start has made a hold of that number, but not after its own has ended")
    func numbers() throws {
        var (store, engine, lost, live) = try pasts()
        let fresh = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([budget]))
        #expect(fresh.isOfAnotherPast(lost))
        #expect(!AdmissionEngine(replicaID: 2, configuration: engine.configuration).isOfAnotherPast(lost))
        store.void(live, by: &engine)
        #expect(!engine.isOfAnotherPast(live))
    }

    @Test("charges the window of its budget, whatever id that window has now")
    func window() throws {
        let budgets = [budget, EngineFixture.budget(2, limit: 10_000, scope: Scope(team: "u"))]
        var forgotten = LeaseStoreModel(budgets)
        var maker = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration(budgets))
        let lost = try #require(forgotten.verdict(&maker, EngineFixture.call("lost"))?.hold)
        // In the restored database the other budget's window was opened first.
        var store = LeaseStoreModel(budgets)
        #expect(store.open(budgets[1], at: .after(0)) == lost.charges[0].windowID)
        var engine = AdmissionEngine(replicaID: 2, configuration: EngineFixture.configuration(budgets))
        for knowsOther in [false, true] {
            if knowsOther { engine.learn(store.fact(1, for: engine)) }
            let charges = engine.beginSettling(lost, served: lost.model, cost: Money(nanodollars: 70), tokens: 7)
            let key = WindowKey(budgetNumber: 1, span: budget.window(containing: lost.authorizedAt))
            #expect(charges.filter(\.isCounted).map(\.target) == [.unopened(key)])
            #expect(charges.filter(\.isCounted).map(\.spent) == [70])
            #expect(charges.filter { !$0.isCounted }.allSatisfy { $0.spent == 0 })
        }
    }
}
