import Testing

@testable import Accounting

@Suite("The end of a hold") struct EndingTests {
    private let budget = EngineFixture.budget(limit: 1000)

    /// An engine with one hold of 500 nanodollars and a larger lease.
    private func held(_ budgets: [Budget]? = nil) throws -> (
        store: LeaseStoreModel, engine: AdmissionEngine, hold: Hold
    ) {
        let budgets = budgets ?? [budget]
        var store = LeaseStoreModel(budgets)
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration(budgets))
        let hold = try #require(store.verdict(&engine, EngineFixture.call("r", tokens: 50))?.hold)
        return (store, engine, hold)
    }

    private func expectWhole(_ store: LeaseStoreModel, _ engine: AdmissionEngine) {
        for (id, row) in store.rows {
            #expect(engine.accounts[id]!.held == 0)
            #expect(engine.accounts[id]!.lease == row.leased)
            #expect(engine.accounts[id]!.spent == row.spent)
        }
        #expect(engine.openHoldCount == 0)
        #expect(engine.holds.isEmpty)
    }

    @Test(
        "by settling moves what it cost from the lease to spent, and leaves the rest free", arguments: [0, 1, 49, 50])
    func settle(tokens: Int64) throws {
        var (store, engine, hold) = try held()
        let lease = store.row(1)!.leased
        #expect(store.settle(hold, tokens: tokens, by: &engine))
        #expect(store.row(1)!.spent == tokens * 10)
        #expect(store.row(1)!.leased == lease - tokens * 10)
        #expect(store.row(1)!.unreserved == 0)
        expectWhole(store, engine)
    }

    @Test("that nobody heard of takes it back, unless a repeated request was answered with it")
    func unmade() throws {
        for isRepeated in [false, true] {
            var (_, engine, hold) = try held()
            if isRepeated {
                let again = engine.authorize(EngineFixture.call("r", tokens: 50), at: .after(1), isFinal: false)
                guard case .verdict(let verdict, _) = again else {
                    Issue.record("\(again)")
                    return
                }
                #expect(verdict.hold?.id == hold.id)
            }
            engine.discard(hold)
            #expect(engine.openHoldCount == (isRepeated ? 1 : 0))
            #expect(engine.accounts[1]!.held == (isRepeated ? 500 : 0))
            #expect(engine.takeVerdictCounts().map(\.calls) == (isRepeated ? [1] : []))
        }
    }

    @Test("that nobody heard of takes the count of its verdict back, also where that was written meanwhile")
    func uncounted() throws {
        var (store, engine, hold) = try held()
        let written = engine.takeVerdictCounts()
        #expect(written.map(\.calls) == [1])
        engine.discard(hold)
        // The same call comes again and is answered.
        _ = try #require(store.verdict(&engine, EngineFixture.call("r", tokens: 50)))
        #expect(engine.takeVerdictCounts().isEmpty)
        let other = try #require(store.verdict(&engine, EngineFixture.call("s", tokens: 10))?.hold)
        _ = engine.takeVerdictCounts()
        engine.discard(other)
        let less = engine.takeVerdictCounts()
        #expect(less.map(\.calls) == [-1] && less.map(\.key.verdict) == [.admit])
    }

    @Test("by voiding or expiring leaves all of it free")
    func release() throws {
        var (store, engine, hold) = try held()
        let lease = store.row(1)!.leased
        #expect(store.void(hold, by: &engine))
        #expect(store.row(1)!.leased == lease)
        expectWhole(store, engine)
        let second = try #require(store.verdict(&engine, EngineFixture.call("s", holdSeconds: 60))?.hold)
        #expect(engine.beginExpiring(at: .after(59)).isEmpty)
        let expired = engine.beginExpiring(at: .after(60))
        #expect(expired.map(\.hold) == [second])
        // The hold's money is not free before the expiry is committed.
        #expect(engine.accounts[1]!.held == 100)
        #expect(engine.beginExpiring(at: .after(60)).isEmpty)
        #expect(store.end(second, .expired, expired[0].charges, by: &engine))
        expectWhole(store, engine)
    }

    @Test("takes an overrun out of the free lease first, and the rest unreserved")
    func overrun() throws {
        var (store, engine, hold) = try held()
        let lease = store.row(1)!.leased
        let free = engine.accounts[1]!.free
        #expect(free > 0 && lease == 500 + free)
        let charges = engine.beginSettling(
            hold, served: hold.model, cost: Money(nanodollars: 900), tokens: 90)
        // No other call may take the free lease while the settlement is on its way.
        #expect(engine.accounts[1]!.free == 0)
        #expect(charges.map(\.leaseRelease) == [lease])
        #expect(engine.heldInLeases == [1: lease])
        store.end(hold, .settled, charges, by: &engine)
        #expect(store.row(1)!.spent == 900)
        #expect(store.row(1)!.leased == 0)
        #expect(store.row(1)!.unreserved == 400 - free)
        expectWhole(store, engine)
    }

    @Test("that was not committed leaves the hold as it was, overrun and all")
    func reopen() throws {
        var (store, engine, hold) = try held()
        let free = engine.accounts[1]!.free
        _ = engine.beginSettling(hold, served: hold.model, cost: Money(nanodollars: 2000), tokens: 200)
        #expect(engine.accounts[1]!.free == 0)
        engine.reopen(hold)
        #expect(engine.accounts[1]!.free == free)
        #expect(engine.accounts[1]!.held == 500)
        #expect(engine.heldInLeases == [1: 500])
        #expect(engine.beginExpiring(at: .after(600)).map(\.hold) == [hold])
        engine.reopen(hold)
        store.settle(hold, tokens: 50, by: &engine)
        expectWhole(store, engine)
    }

    @Test("on its way keeps a hold from expiring, and its failure lets it expire after all")
    func endingDoesNotExpire() throws {
        var (_, engine, hold) = try held()
        _ = engine.beginVoiding(hold)
        #expect(engine.beginExpiring(at: .after(700)).isEmpty)
        engine.reopen(hold)
        #expect(engine.beginExpiring(at: .after(700)).isEmpty)
        #expect(engine.beginExpiring(at: .after(701)).map(\.hold) == [hold])
    }

    @Test("by expiring is tried again where it was not committed")
    func expiryFails() throws {
        var (store, engine, hold) = try held()
        #expect(engine.beginExpiring(at: .after(600)).map(\.hold) == [hold])
        engine.reopen(hold)
        let again = engine.beginExpiring(at: .after(601))
        #expect(again.map(\.hold) == [hold])
        store.end(hold, .expired, again[0].charges, by: &engine)
        expectWhole(store, engine)
        #expect(engine.beginExpiring(at: .after(700)).isEmpty)
    }

    @Test("by expiring comes for so many at a time, and for none twice")
    func expiresInParts() throws {
        var (store, engine, _) = try held()
        for number in 1...4 { _ = store.verdict(&engine, EngineFixture.call("r\(number)", tokens: 1)) }
        let moment = Moment.after(600)
        let parts = (1...3).map { _ in engine.beginExpiring(at: moment, most: 2).map(\.hold.id.number) }
        #expect(parts.map(\.count) == [2, 2, 1])
        #expect(Set(parts.joined()).count == 5)
    }

    @Test("counts once: whatever comes later charges unreserved or nothing")
    func once() throws {
        var (store, engine, hold) = try held()
        let expired = engine.beginExpiring(at: .after(600))
        store.end(hold, .expired, expired[0].charges, by: &engine)
        let lease = store.row(1)!.leased
        #expect(!store.settle(hold, tokens: 50, by: &engine))
        #expect(store.row(1)!.spent == 500)
        #expect(store.row(1)!.unreserved == 500)
        #expect(store.row(1)!.leased == lease)
        #expect(!store.void(hold, by: &engine))
        #expect(store.row(1)!.leased == lease)
        expectWhole(store, engine)
    }

    @Test("made elsewhere takes the whole hold out of the maker's lease, which hears of it", arguments: [true, false])
    func remote(isSettled: Bool) throws {
        var (store, maker, hold) = try held()
        var other = AdmissionEngine(replicaID: 2, configuration: maker.configuration)
        let lease = store.row(1)!.leased
        if isSettled {
            #expect(store.settle(hold, tokens: 20, by: &other))
        } else {
            #expect(store.void(hold, by: &other))
        }
        #expect(store.row(1)!.spent == (isSettled ? 200 : 0))
        #expect(store.row(1)!.leased == lease - 500)
        // Until the maker learns of the end, it still counts the money as held, which is the safe side.
        #expect(maker.accounts[1]!.held == 500)
        maker.endedElsewhere(hold.id.number, isSettled ? .settled : .voided)
        maker.endedElsewhere(hold.id.number, isSettled ? .settled : .voided)
        #expect(maker.accounts[1]!.held == 0)
        #expect(maker.accounts[1]!.lease == store.row(1)!.leased)
        #expect(maker.openHoldCount == 0)
    }

    @Test("made elsewhere and here at once leaves the maker's lease as PostgreSQL has it")
    func remoteAndLocal() throws {
        var (store, maker, hold) = try held()
        var other = AdmissionEngine(replicaID: 2, configuration: maker.configuration)
        let charges = maker.beginSettling(hold, served: hold.model, cost: Money(nanodollars: 900), tokens: 90)
        #expect(store.void(hold, by: &other))
        // The maker's own end of the hold is on its way, and its outcome decides.
        maker.endedElsewhere(hold.id.number, .voided)
        #expect(maker.openHoldCount == 1)
        #expect(!store.end(hold, .settled, charges, by: &maker))
        expectWhole(store, maker)
        #expect(store.row(1)!.spent == 900)
    }

    @Test("charges the budgets that count what was really served")
    func servedByAnother() throws {
        let budgets = [
            EngineFixture.budget(1, limit: 10_000), EngineFixture.budget(2, limit: 10_000, scope: Scope(model: "opus")),
            EngineFixture.budget(3, limit: 10_000, scope: Scope(model: "haiku"), unit: .calls),
        ]
        var (store, engine, hold) = try held(budgets)
        let lease = store.row(2)!.leased
        store.settle(hold, tokens: 30, served: EngineFixture.model("haiku"), by: &engine)
        #expect(store.row(1)!.spent == 30)
        #expect(store.row(2)!.spent == 0)
        #expect(store.row(2)!.leased == lease)
        #expect(store.row(3)!.spent == 1)
        #expect(store.row(3)!.unreserved == 1)
    }

    @Test("after midnight charges the window that admitted it")
    func midnight() throws {
        let budget = EngineFixture.budget(limit: 1000, period: .day)
        var (store, engine, hold) = try held([budget])
        let noon: Int64 = 12 * 3600
        let next = try #require(store.verdict(&engine, EngineFixture.call("next"), at: .after(noon)))
        #expect(next.hold?.charges.first?.windowID == 2)
        #expect(next.budgets.map(\.held) == [100])
        store.settle(hold, tokens: 50, by: &engine)
        #expect(store.rows[1]!.spent == 500)
        #expect(store.rows[2]!.spent == 0)
        // A clock that is set back does not reopen yesterday's window.
        let back = try #require(store.verdict(&engine, EngineFixture.call("back"), at: .after(noon - 1)))
        #expect(back.hold?.charges.first?.windowID == 2)
        // The rest of yesterday's lease goes back. Then the engine forgets the window.
        store.giveBack(&engine, at: .after(noon))
        #expect(store.rows[1]!.leased == 0)
        engine.forgetUnusedWindows(at: .after(noon + 1))
        #expect(engine.openWindowIDs == [2])
    }

    @Test("of an unpriced call charges its tokens but no money")
    func unpriced() throws {
        let budgets = [EngineFixture.budget(1, limit: 100, .soft), EngineFixture.budget(2, limit: 100, unit: .tokens)]
        var store = LeaseStoreModel(budgets)
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration(budgets))
        let hold = try #require(store.verdict(&engine, EngineFixture.call("r", "new"))?.hold)
        #expect(hold.estimate == nil)
        store.end(hold, .settled, engine.beginSettling(hold, served: hold.model, cost: nil, tokens: 10), by: &engine)
        #expect(store.row(1)!.spent == 0)
        #expect(store.row(2)!.spent == 10)
        expectWhole(store, engine)
    }

    @Test("of a call that was never authorized is charged to the windows of its own time")
    func unauthorized() {
        let month = EngineFixture.budget(1, limit: 100)
        let day = EngineFixture.budget(2, limit: 100, scope: Scope(), period: .day, unit: .calls)
        let young = Budget(
            number: 3, id: "young", version: 1, scope: Scope(team: "t"), period: .day, zone: .utc, unit: .usd, limit: 1,
            enforcement: .hard, downgradeAt: nil, alertAt: [], createdAt: EngineFixture.start)
        var engine = AdmissionEngine(replicaID: 1, configuration: EngineFixture.configuration([month, day, young]))
        let yesterday = EngineFixture.start.adding(seconds: -86_400)
        let charges = engine.charges(
            for: Attribution(team: "t"), model: EngineFixture.model("opus"), cost: Money(nanodollars: 70), tokens: 7,
            occurredAt: yesterday)
        #expect(charges.map(\.spent) == [70, 1])
        #expect(
            charges.map(\.target)
                == [month, day].map {
                    .unopened(WindowKey(budgetNumber: $0.number, span: $0.window(containing: yesterday)))
                })
        #expect(charges.allSatisfy { $0.leaseRelease == 0 && $0.isCounted })
    }
}
