import SeededRandom
import Testing

@testable import Accounting

/// Random days of a deployment with several replicas. Replicas authorize calls, settle them on the maker or elsewhere,
/// void and expire holds, crash, and give leases back. Limits change, and midnight passes.
private struct EscrowDay {
    static let budgets = [
        EngineFixture.budget(1, limit: 30_000),
        EngineFixture.budget(2, limit: 9_000, scope: Scope(feature: "f"), period: .day),
        EngineFixture.budget(3, limit: 400, scope: Scope(team: "t"), period: .day, unit: .tokens),
        EngineFixture.budget(4, limit: 60, scope: Scope(user: "u"), period: .total, unit: .calls),
        EngineFixture.budget(5, limit: 5_000, scope: Scope(model: "opus"), period: .week),
        EngineFixture.budget(6, limit: 2_000, .soft), EngineFixture.budget(7, limit: 100, .shadow),
    ]

    let seed: UInt64
    var random: SplitMix64
    var store = LeaseStoreModel(budgets)
    var engines: [AdmissionEngine]
    var now: Int64 = 0
    /// Holds that no caller has ended yet, each with the engine that made it.
    var open: [(hold: Hold, maker: Int)] = []
    /// Holds whose end a caller may send again.
    var ended: [Hold] = []
    /// Hold ends on their way to the lease store.
    var pending: [(hold: Hold, how: HoldEnd, charges: [WindowCharge], engine: Int)] = []
    var recorded: [Int64: Int64] = [:]
    var admitted = 0
    var denied = 0
    var requests = 0

    init(seed: UInt64, engineCount: Int) {
        self.seed = seed
        random = SplitMix64(seed: seed)
        let configuration = EngineFixture.configuration(Self.budgets)
        engines = (1...engineCount).map { AdmissionEngine(replicaID: Int64($0), configuration: configuration) }
    }

    var moment: Moment { .after(now) }

    mutating func step() {
        let engine = Int.random(in: 0..<engines.count, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<45: authorize(engine)
        case 45..<65: settle(engine)
        case 65..<70: void(engine)
        case 70..<80: deliver()
        case 80..<84: again(engine)
        case 84..<90: tick(engine)
        case 90..<94: hear(engine)
        case 94..<96: _ = store.round(&engines[engine], [], topUps: Set(engines[engine].openWindowIDs), at: moment)
        case 96: crash(engine)
        case 97: changeLimit()
        case 98: now += random.pick([60, 600, 6 * 3600])
        default: now += 1
        }
    }

    private mutating func authorize(_ engine: Int) {
        requests += 1
        let output = Int64.random(in: 0...20, using: &random)
        let takesLess = output > 0 && random.chance(percent: 30)
        let call = EngineFixture.call(
            "r\(requests)", random.pick(["opus", "sonnet", "haiku"]), tokens: Int64.random(in: 0...40, using: &random),
            output: output, leastOutput: takesLess ? Int64.random(in: 1...output, using: &random) : nil,
            who: Attribution(
                team: "t", feature: random.chance(percent: 50) ? "f" : nil, user: random.chance(percent: 50) ? "u" : nil
            ),
            holdSeconds: random.pick([5, 60, 3600]), isDryRun: random.chance(percent: 5))
        let openBefore = engines[engine].openHoldCount
        guard let verdict = store.verdict(&engines[engine], call, at: moment) else {
            Issue.record("seed \(seed), call \(requests): no verdict")
            return
        }
        if let hold = verdict.hold { open.append((hold, engine)) }
        #expect(engines[engine].openHoldCount == openBefore + (verdict.hold == nil ? 0 : 1))
        if verdict.kind == .deny {
            denied += 1
            judgeDeny(verdict, call, engine)
        } else {
            admitted += 1
            judgeOutput(verdict, call)
        }
    }

    /// What is held covers the output that the verdict admits, which is at least what the call takes.
    private func judgeOutput(_ verdict: Verdict, _ call: Call) {
        let output = verdict.maxOutputTokens!
        #expect(output >= call.minOutputTokens ?? call.maxOutputTokens!, "seed \(seed), call \(requests)")
        let estimate = Estimate.worstCase(
            of: call.withOutput(atMost: output), on: EngineFixture.prices.models[verdict.model!], at: moment.wall)
        #expect(verdict.estimate == estimate?.cost, "seed \(seed), call \(requests)")
    }

    /// A call is denied only where money is missing, and the denial gives the right reason.
    private func judgeDeny(_ verdict: Verdict, _ call: Call, _ engine: Int) {
        let model = EngineFixture.model(call.model)
        let estimate = Estimate.worstCase(
            of: call.withOutput(atMost: call.minOutputTokens ?? call.maxOutputTokens!),
            on: EngineFixture.prices.models[model], at: moment.wall)!
        let short = engines[engine].configuration.scopes.counting(call.who, model).filter { budget in
            guard budget.enforcement == .hard else { return false }
            let key = WindowKey(budgetNumber: budget.number, span: budget.window(containing: moment.wall))
            let row = store.rows.values.first { $0.key == key }!
            let others = row.leases.filter { $0.key != engines[engine].replicaID }.values.reduce(0, +)
            let account = engines[engine].accounts.values.first {
                $0.span == key.span && $0.budgetNumber == budget.number
            }!
            // The lease store may count more leased to this replica than its engine remembers. That money belongs to
            // holds that ended, or was leased before a crash.
            let here = max(account.held, (row.leases[engines[engine].replicaID] ?? 0) - account.idle)
            // A granted lease stays good even where unreserved charges have since overrun its window.
            let amount = estimate.amount(in: budget.unit)!
            return amount > account.free && amount > row.limit - row.spent - others - here
        }
        #expect(!short.isEmpty, "seed \(seed), call \(requests): \(verdict.reason!.message)")
        let isExhausted = short.contains { budget in
            let key = WindowKey(budgetNumber: budget.number, span: budget.window(containing: moment.wall))
            let row = store.rows.values.first { $0.key == key }!
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

    private mutating func settle(_ engine: Int) {
        guard let hold = takeOpen() else { return }
        send(settlementOf: hold, engine)
    }

    private mutating func send(settlementOf hold: Hold, _ engine: Int) {
        let model = random.chance(percent: 90) ? hold.model : EngineFixture.model("haiku")
        let rate = EngineFixture.prices.models[model]!.card(tier: .standard, contextTokens: 1, at: moment.wall)!
        var usage = Quantities()
        // Some calls cost more than they declared.
        usage.add(.input, Int64.random(in: 0...(random.chance(percent: 20) ? 120 : 40), using: &random))
        let charges = engines[engine].beginSettling(
            hold, served: model, cost: rate.rate(usage).cost, tokens: usage.totalTokens)
        pending.append((hold, .settled, charges, engine))
    }

    private mutating func void(_ engine: Int) {
        guard let hold = takeOpen() else { return }
        pending.append((hold, .voided, engines[engine].beginVoiding(hold), engine))
    }

    /// A caller sends the end of a hold a second time.
    private mutating func again(_ engine: Int) {
        guard let hold = ended.randomElement(using: &random) else { return }
        if random.chance(percent: 50) {
            send(settlementOf: hold, engine)
        } else {
            pending.append((hold, .voided, engines[engine].beginVoiding(hold), engine))
        }
    }

    /// One hold end reaches the lease store, or fails and leaves its hold open.
    private mutating func deliver() {
        guard !pending.isEmpty else { return }
        let end = pending.removeFirst()
        if random.chance(percent: 10) {
            engines[end.engine].reopen(end.hold)
            if store.ends[end.hold.id] == nil { open.append((end.hold, end.engine)) }
            return
        }
        let before = store.rows.mapValues(\.spent)
        store.end(end.hold, end.how, end.charges, by: &engines[end.engine])
        for (id, row) in store.rows { recorded[id, default: 0] += row.spent - (before[id] ?? 0) }
    }

    private mutating func tick(_ engine: Int) {
        for (hold, charges) in engines[engine].beginExpiring(at: moment) {
            pending.append((hold, .expired, charges, engine))
        }
        store.giveBack(&engines[engine], at: moment)
        engines[engine].forgetUnusedWindows(at: moment)
    }

    private mutating func hear(_ engine: Int) {
        for id in store.ends.keys.sorted() where id.replicaID == engines[engine].replicaID {
            if store.endedBy[id] != id.replicaID { engines[engine].endedElsewhere(id.number, store.ends[id]!) }
        }
    }

    /// The replica loses its memory. Its leases stay until its holds must have ended.
    private mutating func crash(_ engine: Int) {
        let dead = engines[engine].replicaID
        pending.removeAll { $0.engine == engine }
        engines[engine] = AdmissionEngine(
            replicaID: (engines.map(\.replicaID).max() ?? 0) + 1, configuration: engines[engine].configuration)
        now += 3601
        store.reclaim(dead)
    }

    private mutating func changeLimit() {
        let budget = random.pick(Array(Self.budgets.prefix(5)))
        store.setLimit(budget.limit * random.pick([50, 100, 150]) / 100, of: budget.number)
        for engine in engines.indices {
            for window in engines[engine].openWindowIDs {
                engines[engine].learn(store.fact(window, for: engines[engine]))
            }
        }
    }

    // MARK: Invariants

    func check(_ step: Int) {
        for (id, row) in store.rows where row.key.budgetNumber <= 5 {
            #expect(row.spent + row.leased <= row.limit + row.unreserved, "seed \(seed), step \(step), window \(id)")
        }
        for engine in engines {
            for account in engine.accounts.values where account.budgetNumber <= 5 {
                #expect(account.held <= account.lease, "seed \(seed), step \(step), window \(account.windowID)")
                #expect(account.held >= 0, "seed \(seed), step \(step), window \(account.windowID)")
            }
        }
    }

    /// Ends all open holds and gives every lease back. After that nothing is held or leased, and every window has spent
    /// what was settled.
    mutating func finish() {
        while !open.isEmpty { settle(0) }
        while !pending.isEmpty { deliver() }
        now += 3601
        for _ in 0..<50 {
            for engine in engines.indices {
                hear(engine)
                tick(engine)
            }
            while !pending.isEmpty { deliver() }
            now += 5
        }
        for engine in engines.indices {
            #expect(engines[engine].openHoldCount == 0, "seed \(seed)")
            store.giveBack(&engines[engine], at: moment, all: true)
            for account in engines[engine].accounts.values {
                #expect(account.held == 0, "seed \(seed), window \(account.windowID)")
                #expect(account.lease == 0, "seed \(seed), window \(account.windowID)")
            }
        }
        for (id, row) in store.rows {
            #expect(row.leased == 0, "seed \(seed), window \(id)")
            #expect(row.spent == recorded[id, default: 0], "seed \(seed), window \(id)")
        }
    }
}

@Suite("Escrow") struct EscrowPropertyTests {
    @Test(
        "spends no more than the limit, denies no money that is there, and loses none", arguments: seeds, [1, 2, 4])
    func deployment(seed: UInt64, engineCount: Int) {
        var day = EscrowDay(seed: seed, engineCount: engineCount)
        for step in 0..<3000 {
            day.step()
            day.check(step)
        }
        day.finish()
        #expect(day.admitted > 100)
        #expect(day.denied > 200)
    }
}
