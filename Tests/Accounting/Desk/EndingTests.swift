import Testing

@testable import Accounting

@Suite("The end of a hold") struct EndingTests {
    private let budget = DeskFixture.budget(limit: 1000)

    /// A desk with one hold of 500 nanodollars and a lease of more.
    private func held(_ budgets: [Budget]? = nil) throws -> (bank: BankModel, desk: Desk, hold: Hold) {
        let budgets = budgets ?? [budget]
        var bank = BankModel(budgets)
        var desk = Desk(replicaID: 1, configuration: DeskFixture.configuration(budgets))
        let hold = try #require(bank.verdict(&desk, DeskFixture.call("r", tokens: 50))?.hold)
        return (bank, desk, hold)
    }

    private func expectWhole(_ bank: BankModel, _ desk: Desk) {
        for (id, row) in bank.rows {
            #expect(desk.accounts[id]!.held == 0)
            #expect(desk.accounts[id]!.lease == row.leased)
            #expect(desk.accounts[id]!.spent == row.spent)
        }
        #expect(desk.openHoldCount == 0)
        #expect(desk.holds.isEmpty)
    }

    @Test(
        "by settling moves what it cost from the lease to spent, and leaves the rest free", arguments: [0, 1, 49, 50])
    func settle(tokens: Int64) throws {
        var (bank, desk, hold) = try held()
        let lease = bank.row(1)!.leased
        #expect(bank.settle(hold, tokens: tokens, by: &desk))
        #expect(bank.row(1)!.spent == tokens * 10)
        #expect(bank.row(1)!.leased == lease - tokens * 10)
        #expect(bank.row(1)!.unsecured == 0)
        expectWhole(bank, desk)
    }

    @Test("that nobody heard of takes it back, unless a repeated request was answered with it")
    func unmade() throws {
        for isRepeated in [false, true] {
            var (_, desk, hold) = try held()
            if isRepeated {
                let again = desk.authorize(DeskFixture.call("r", tokens: 50), at: .after(1), isFinal: false)
                guard case .verdict(let verdict, _) = again else {
                    Issue.record("\(again)")
                    return
                }
                #expect(verdict.hold?.id == hold.id)
            }
            desk.unmake(hold)
            #expect(desk.openHoldCount == (isRepeated ? 1 : 0))
            #expect(desk.accounts[1]!.held == (isRepeated ? 500 : 0))
        }
    }

    @Test("by voiding or expiring leaves all of it free")
    func release() throws {
        var (bank, desk, hold) = try held()
        let lease = bank.row(1)!.leased
        #expect(bank.void(hold, by: &desk))
        #expect(bank.row(1)!.leased == lease)
        expectWhole(bank, desk)
        let second = try #require(bank.verdict(&desk, DeskFixture.call("s", holdSeconds: 60))?.hold)
        #expect(desk.beginExpiring(at: Moment.after(59).wall).isEmpty)
        let expired = desk.beginExpiring(at: Moment.after(60).wall)
        #expect(expired.map(\.hold) == [second])
        // Its money is not free before the end is committed.
        #expect(desk.accounts[1]!.held == 100)
        #expect(desk.beginExpiring(at: Moment.after(60).wall).isEmpty)
        #expect(bank.end(second, .expired, expired[0].charges, by: &desk))
        expectWhole(bank, desk)
    }

    @Test("takes an overrun out of the free lease first, and the rest unsecured")
    func overrun() throws {
        var (bank, desk, hold) = try held()
        let lease = bank.row(1)!.leased
        let free = desk.accounts[1]!.free
        #expect(free > 0 && lease == 500 + free)
        let charges = desk.beginSettling(
            hold, served: hold.model, cost: Money(nanodollars: 900), tokens: 90)
        // Nobody else may take it while the settlement is on its way.
        #expect(desk.accounts[1]!.free == 0)
        #expect(charges.map(\.leaseRelease) == [lease])
        #expect(desk.heldInLeases == [1: lease])
        bank.end(hold, .settled, charges, by: &desk)
        #expect(bank.row(1)!.spent == 900)
        #expect(bank.row(1)!.leased == 0)
        #expect(bank.row(1)!.unsecured == 400 - free)
        expectWhole(bank, desk)
    }

    @Test("that was not committed leaves the hold as it was, overrun and all")
    func reopen() throws {
        var (bank, desk, hold) = try held()
        let free = desk.accounts[1]!.free
        _ = desk.beginSettling(hold, served: hold.model, cost: Money(nanodollars: 2000), tokens: 200)
        #expect(desk.accounts[1]!.free == 0)
        desk.reopen(hold)
        #expect(desk.accounts[1]!.free == free)
        #expect(desk.accounts[1]!.held == 500)
        #expect(desk.heldInLeases == [1: 500])
        #expect(desk.beginExpiring(at: Moment.after(600).wall).map(\.hold) == [hold])
        desk.reopen(hold)
        bank.settle(hold, tokens: 50, by: &desk)
        expectWhole(bank, desk)
    }

    @Test("on its way keeps a hold from expiring, and its failure lets it expire after all")
    func endingDoesNotExpire() throws {
        var (_, desk, hold) = try held()
        _ = desk.beginVoiding(hold)
        #expect(desk.beginExpiring(at: Moment.after(700).wall).isEmpty)
        desk.reopen(hold)
        #expect(desk.beginExpiring(at: Moment.after(700).wall).isEmpty)
        #expect(desk.beginExpiring(at: Moment.after(701).wall).map(\.hold) == [hold])
    }

    @Test("by expiring is tried again where it was not committed")
    func expiryFails() throws {
        var (bank, desk, hold) = try held()
        #expect(desk.beginExpiring(at: Moment.after(600).wall).map(\.hold) == [hold])
        desk.reopen(hold)
        let again = desk.beginExpiring(at: Moment.after(601).wall)
        #expect(again.map(\.hold) == [hold])
        bank.end(hold, .expired, again[0].charges, by: &desk)
        expectWhole(bank, desk)
        #expect(desk.beginExpiring(at: Moment.after(700).wall).isEmpty)
    }

    @Test("by expiring comes for so many at a time, and for none twice")
    func expiresInParts() throws {
        var (bank, desk, _) = try held()
        for number in 1...4 { _ = bank.verdict(&desk, DeskFixture.call("r\(number)", tokens: 1)) }
        let moment = Moment.after(600).wall
        let parts = (1...3).map { _ in desk.beginExpiring(at: moment, most: 2).map(\.hold.id.number) }
        #expect(parts.map(\.count) == [2, 2, 1])
        #expect(Set(parts.joined()).count == 5)
    }

    @Test("counts once: whatever comes later charges unsecured or nothing")
    func once() throws {
        var (bank, desk, hold) = try held()
        let expired = desk.beginExpiring(at: Moment.after(600).wall)
        bank.end(hold, .expired, expired[0].charges, by: &desk)
        let lease = bank.row(1)!.leased
        #expect(!bank.settle(hold, tokens: 50, by: &desk))
        #expect(bank.row(1)!.spent == 500)
        #expect(bank.row(1)!.unsecured == 500)
        #expect(bank.row(1)!.leased == lease)
        #expect(!bank.void(hold, by: &desk))
        #expect(bank.row(1)!.leased == lease)
        expectWhole(bank, desk)
    }

    @Test("made elsewhere takes the whole hold out of the maker's lease, which hears of it", arguments: [true, false])
    func remote(isSettled: Bool) throws {
        var (bank, maker, hold) = try held()
        var other = Desk(replicaID: 2, configuration: maker.configuration)
        let lease = bank.row(1)!.leased
        if isSettled {
            #expect(bank.settle(hold, tokens: 20, by: &other))
        } else {
            #expect(bank.void(hold, by: &other))
        }
        #expect(bank.row(1)!.spent == (isSettled ? 200 : 0))
        #expect(bank.row(1)!.leased == lease - 500)
        // Until it hears, the maker's own copy is on the safe side.
        #expect(maker.accounts[1]!.held == 500)
        maker.endedElsewhere(hold.id.number)
        maker.endedElsewhere(hold.id.number)
        #expect(maker.accounts[1]!.held == 0)
        #expect(maker.accounts[1]!.lease == bank.row(1)!.leased)
        #expect(maker.openHoldCount == 0)
    }

    @Test("made elsewhere and here at once leaves the maker's lease as PostgreSQL has it")
    func remoteAndLocal() throws {
        var (bank, maker, hold) = try held()
        var other = Desk(replicaID: 2, configuration: maker.configuration)
        let charges = maker.beginSettling(hold, served: hold.model, cost: Money(nanodollars: 900), tokens: 90)
        #expect(bank.void(hold, by: &other))
        // Its own end is on the way; what it comes to decides.
        maker.endedElsewhere(hold.id.number)
        #expect(maker.openHoldCount == 1)
        #expect(!bank.end(hold, .settled, charges, by: &maker))
        expectWhole(bank, maker)
        #expect(bank.row(1)!.spent == 900)
    }

    @Test("charges the budgets that count what was really served")
    func servedByAnother() throws {
        let budgets = [
            DeskFixture.budget(1, limit: 10_000), DeskFixture.budget(2, limit: 10_000, scope: Scope(model: "opus")),
            DeskFixture.budget(3, limit: 10_000, scope: Scope(model: "haiku"), unit: .calls),
        ]
        var (bank, desk, hold) = try held(budgets)
        let lease = bank.row(2)!.leased
        bank.settle(hold, tokens: 30, served: DeskFixture.model("haiku"), by: &desk)
        #expect(bank.row(1)!.spent == 30)
        #expect(bank.row(2)!.spent == 0)
        #expect(bank.row(2)!.leased == lease)
        #expect(bank.row(3)!.spent == 1)
        #expect(bank.row(3)!.unsecured == 1)
    }

    @Test("after midnight charges the window that admitted it")
    func midnight() throws {
        let budget = DeskFixture.budget(limit: 1000, period: .day)
        var (bank, desk, hold) = try held([budget])
        let noon: Int64 = 12 * 3600
        let next = try #require(bank.verdict(&desk, DeskFixture.call("next"), at: .after(noon)))
        #expect(next.hold?.charges.first?.windowID == 2)
        #expect(next.budgets.map(\.held) == [100])
        bank.settle(hold, tokens: 50, by: &desk)
        #expect(bank.rows[1]!.spent == 500)
        #expect(bank.rows[2]!.spent == 0)
        // A clock that goes back does not bring yesterday back.
        let back = try #require(bank.verdict(&desk, DeskFixture.call("back"), at: .after(noon - 1)))
        #expect(back.hold?.charges.first?.windowID == 2)
        // What is left of yesterday's lease goes back, and then the window is forgotten.
        bank.giveBack(&desk, at: .after(noon))
        #expect(bank.rows[1]!.leased == 0)
        desk.forgetEndedWindows(before: Moment.after(noon + 1).wall)
        #expect(desk.openWindowIDs == [2])
    }

    @Test("of an unpriced call charges its tokens but no money")
    func unpriced() throws {
        let budgets = [DeskFixture.budget(1, limit: 100, .soft), DeskFixture.budget(2, limit: 100, unit: .tokens)]
        var bank = BankModel(budgets)
        var desk = Desk(replicaID: 1, configuration: DeskFixture.configuration(budgets))
        let hold = try #require(bank.verdict(&desk, DeskFixture.call("r", "new"))?.hold)
        #expect(hold.estimate == nil)
        bank.end(hold, .settled, desk.beginSettling(hold, served: hold.model, cost: nil, tokens: 10), by: &desk)
        #expect(bank.row(1)!.spent == 0)
        #expect(bank.row(2)!.spent == 10)
        expectWhole(bank, desk)
    }

    @Test("of a call that was never authorized is charged to the windows of its own time")
    func unauthorized() {
        let month = DeskFixture.budget(1, limit: 100)
        let day = DeskFixture.budget(2, limit: 100, scope: Scope(), period: .day, unit: .calls)
        let young = Budget(
            number: 3, id: "young", version: 1, scope: Scope(team: "t"), period: .day, zone: .utc, unit: .usd, limit: 1,
            enforcement: .hard, downgradeAt: nil, alertAt: [], createdAt: DeskFixture.start)
        var desk = Desk(replicaID: 1, configuration: DeskFixture.configuration([month, day, young]))
        let yesterday = DeskFixture.start.adding(seconds: -86_400)
        let charges = desk.charges(
            for: Attribution(team: "t"), model: DeskFixture.model("opus"), cost: Money(nanodollars: 70), tokens: 7,
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
