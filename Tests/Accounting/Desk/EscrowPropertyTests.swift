import SeededRandom
import Testing

@testable import Accounting

/// Random days of an office with several replicas: authorize, settle here or elsewhere, void, expire, crash, give back,
/// change limits, pass midnight.
private struct OfficeDay {
    static let budgets = [
        DeskFixture.budget(1, limit: 30_000),
        DeskFixture.budget(2, limit: 9_000, scope: Scope(feature: "f"), period: .day),
        DeskFixture.budget(3, limit: 400, scope: Scope(team: "t"), period: .day, unit: .tokens),
        DeskFixture.budget(4, limit: 60, scope: Scope(user: "u"), period: .total, unit: .calls),
        DeskFixture.budget(5, limit: 5_000, scope: Scope(model: "opus"), period: .week),
        DeskFixture.budget(6, limit: 2_000, .soft), DeskFixture.budget(7, limit: 100, .shadow),
    ]

    let seed: UInt64
    var random: SplitMix64
    var bank = BankModel(budgets)
    var desks: [Desk]
    var now: Int64 = 0
    /// Holds that no caller has ended yet, by the desk that made them.
    var open: [(hold: Hold, maker: Int)] = []
    /// What a caller may send again.
    var ended: [Hold] = []
    /// Ends on their way to the bank.
    var pending: [(hold: Hold, how: HoldEnd, charges: [WindowCharge], desk: Int)] = []
    var recorded: [Int64: Int64] = [:]
    var admitted = 0
    var denied = 0
    var requests = 0

    init(seed: UInt64, deskCount: Int) {
        self.seed = seed
        random = SplitMix64(seed: seed)
        let configuration = DeskFixture.configuration(Self.budgets)
        desks = (1...deskCount).map { Desk(replicaID: Int64($0), configuration: configuration) }
    }

    var moment: Moment { .after(now) }

    mutating func step() {
        let desk = Int.random(in: 0..<desks.count, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<45: authorize(desk)
        case 45..<65: settle(desk)
        case 65..<70: void(desk)
        case 70..<80: deliver()
        case 80..<84: again(desk)
        case 84..<90: tick(desk)
        case 90..<94: hear(desk)
        case 94..<96: _ = bank.round(&desks[desk], [], topUps: Set(desks[desk].openWindowIDs), at: moment)
        case 96: crash(desk)
        case 97: changeLimit()
        case 98: now += random.pick([60, 600, 6 * 3600])
        default: now += 1
        }
    }

    private mutating func authorize(_ desk: Int) {
        requests += 1
        let call = DeskFixture.call(
            "r\(requests)", random.pick(["opus", "sonnet", "haiku"]), tokens: Int64.random(in: 0...40, using: &random),
            who: Attribution(
                team: "t", feature: random.chance(percent: 50) ? "f" : nil, user: random.chance(percent: 50) ? "u" : nil
            ),
            holdSeconds: random.pick([5, 60, 3600]), isDryRun: random.chance(percent: 5))
        let openBefore = desks[desk].openHoldCount
        guard let verdict = bank.verdict(&desks[desk], call, at: moment) else {
            Issue.record("seed \(seed), call \(requests): no verdict")
            return
        }
        if let hold = verdict.hold { open.append((hold, desk)) }
        #expect(desks[desk].openHoldCount == openBefore + (verdict.hold == nil ? 0 : 1))
        if verdict.kind == .deny {
            denied += 1
            judgeDeny(verdict, call, desk)
        } else {
            admitted += 1
        }
    }

    /// Money that is there is never denied, and a reason is the right one.
    private func judgeDeny(_ verdict: Verdict, _ call: Call, _ desk: Int) {
        let model = DeskFixture.model(call.model)
        let estimate = Estimate.worstCase(
            of: call, on: DeskFixture.prices.models[model], at: moment.wall)!
        let short = desks[desk].configuration.scopes.counting(call.who, model).filter { budget in
            guard budget.enforcement == .hard else { return false }
            let key = WindowKey(budgetNumber: budget.number, span: budget.window(containing: moment.wall))
            let row = bank.rows.values.first { $0.key == key }!
            let others = row.leases.filter { $0.key != desks[desk].replicaID }.values.reduce(0, +)
            let account = desks[desk].accounts.values.first { $0.span == key.span && $0.budgetNumber == budget.number }!
            // What the bank has leased here beyond this desk's memory is of holds that ended or of a crash.
            let here = max(account.held, (row.leases[desks[desk].replicaID] ?? 0) - account.idle)
            // A lease that was granted stays good where unsecured charges have overrun its window since.
            let amount = estimate.amount(in: budget.unit)!
            return amount > account.free && amount > row.limit - row.spent - others - here
        }
        #expect(!short.isEmpty, "seed \(seed), call \(requests): \(verdict.reason!.message)")
        let isExhausted = short.contains { budget in
            let key = WindowKey(budgetNumber: budget.number, span: budget.window(containing: moment.wall))
            let row = bank.rows.values.first { $0.key == key }!
            return estimate.amount(in: budget.unit)! > row.limit - row.spent
        }
        #expect((verdict.reason?.code == .fundsHeld) == !isExhausted, "seed \(seed), call \(requests)")
    }

    private mutating func takeOpen() -> Hold? {
        guard !open.isEmpty else { return nil }
        let hold = open.remove(at: Int.random(in: 0..<open.count, using: &random)).hold
        ended.append(hold)
        return hold
    }

    private mutating func settle(_ desk: Int) {
        guard let hold = takeOpen() else { return }
        send(settlementOf: hold, desk)
    }

    private mutating func send(settlementOf hold: Hold, _ desk: Int) {
        let model = random.chance(percent: 90) ? hold.model : DeskFixture.model("haiku")
        let rate = DeskFixture.prices.models[model]!.card(tier: .standard, contextTokens: 1, at: moment.wall)!
        var usage = Quantities()
        // Some cost more than they declared.
        usage.add(.input, Int64.random(in: 0...(random.chance(percent: 20) ? 120 : 40), using: &random))
        let charges = desks[desk].beginSettling(
            hold, served: model, cost: rate.rate(usage).cost, tokens: usage.totalTokens)
        pending.append((hold, .settled, charges, desk))
    }

    private mutating func void(_ desk: Int) {
        guard let hold = takeOpen() else { return }
        pending.append((hold, .voided, desks[desk].beginVoiding(hold), desk))
    }

    /// Somebody sends the end of a hold a second time.
    private mutating func again(_ desk: Int) {
        guard let hold = ended.randomElement(using: &random) else { return }
        if random.chance(percent: 50) {
            send(settlementOf: hold, desk)
        } else {
            pending.append((hold, .voided, desks[desk].beginVoiding(hold), desk))
        }
    }

    /// One end reaches the bank, or fails and leaves its hold open.
    private mutating func deliver() {
        guard !pending.isEmpty else { return }
        let end = pending.removeFirst()
        if random.chance(percent: 10) {
            desks[end.desk].reopen(end.hold)
            if bank.ends[end.hold.id] == nil { open.append((end.hold, end.desk)) }
            return
        }
        let before = bank.rows.mapValues(\.spent)
        bank.end(end.hold, end.how, end.charges, by: &desks[end.desk])
        for (id, row) in bank.rows { recorded[id, default: 0] += row.spent - (before[id] ?? 0) }
    }

    private mutating func tick(_ desk: Int) {
        for (hold, charges) in desks[desk].beginExpiring(at: moment.wall) {
            pending.append((hold, .expired, charges, desk))
        }
        bank.giveBack(&desks[desk], at: moment)
        desks[desk].forgetEndedWindows(before: moment.wall)
    }

    private mutating func hear(_ desk: Int) {
        for id in bank.ends.keys.sorted() where id.replicaID == desks[desk].replicaID {
            if bank.endedBy[id] != id.replicaID { desks[desk].endedElsewhere(id.number) }
        }
    }

    /// The replica loses its memory. What it had leased stays so until its holds must have ended.
    private mutating func crash(_ desk: Int) {
        let dead = desks[desk].replicaID
        pending.removeAll { $0.desk == desk }
        desks[desk] = Desk(
            replicaID: (desks.map(\.replicaID).max() ?? 0) + 1, configuration: desks[desk].configuration)
        now += 3601
        bank.reclaim(dead)
    }

    private mutating func changeLimit() {
        let budget = random.pick(Array(Self.budgets.prefix(5)))
        bank.setLimit(budget.limit * random.pick([50, 100, 150]) / 100, of: budget.number)
        for desk in desks.indices {
            for window in desks[desk].openWindowIDs { desks[desk].learn(bank.fact(window, for: desks[desk])) }
        }
    }

    // MARK: What must be true

    func check(_ step: Int) {
        for (id, row) in bank.rows where row.key.budgetNumber <= 5 {
            #expect(row.spent + row.leased <= row.limit + row.unsecured, "seed \(seed), step \(step), window \(id)")
        }
        for desk in desks {
            for account in desk.accounts.values where account.budgetNumber <= 5 {
                #expect(account.held <= account.lease, "seed \(seed), step \(step), window \(account.windowID)")
                #expect(account.held >= 0, "seed \(seed), step \(step), window \(account.windowID)")
            }
        }
    }

    /// Ends all that is open and gives everything back: then nothing is held, nothing leased, and what is spent is
    /// what was settled.
    mutating func finish() {
        while !open.isEmpty { settle(0) }
        while !pending.isEmpty { deliver() }
        now += 3601
        for _ in 0..<50 {
            for desk in desks.indices {
                hear(desk)
                tick(desk)
            }
            while !pending.isEmpty { deliver() }
            now += 5
        }
        for desk in desks.indices {
            #expect(desks[desk].openHoldCount == 0, "seed \(seed)")
            bank.giveBack(&desks[desk], at: moment, all: true)
            for account in desks[desk].accounts.values {
                #expect(account.held == 0, "seed \(seed), window \(account.windowID)")
                #expect(account.lease == 0, "seed \(seed), window \(account.windowID)")
            }
        }
        for (id, row) in bank.rows {
            #expect(row.leased == 0, "seed \(seed), window \(id)")
            #expect(row.spent == recorded[id, default: 0], "seed \(seed), window \(id)")
        }
    }
}

@Suite("Escrow") struct EscrowPropertyTests {
    @Test(
        "spends no more than the limit, denies no money that is there, and loses none", arguments: seeds, [1, 2, 4])
    func office(seed: UInt64, deskCount: Int) {
        var day = OfficeDay(seed: seed, deskCount: deskCount)
        for step in 0..<3000 {
            day.step()
            day.check(step)
        }
        day.finish()
        #expect(day.admitted > 100)
        #expect(day.denied > 200)
    }
}
