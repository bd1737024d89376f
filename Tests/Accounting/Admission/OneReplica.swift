@testable import Accounting

/// One engine with its queue, and the window rows in memory. Calls have no input; an output token of opus costs 10
/// nanodollars.
struct OneReplica {
    private(set) var engine: AdmissionEngine
    private(set) var queue = LeaseQueue()
    /// By budget number, which is the id of its window too.
    private(set) var rows: [Int64: Row] = [:]
    private var keys: [Int64: WindowKey] = [:]
    private var lastTicket: Int64 = 0
    private(set) var outcomes: [Int64: AuthorizeOutcome] = [:]
    /// The order in which calls were answered.
    private(set) var answered: [Int64] = []
    private(set) var batches = 0
    var milliseconds: Int64 = 0

    /// 10 and 4 nanodollars a token.
    static let prices = PriceBook(
        models: [("opus", Int64(10)), ("sonnet", 4)].enumerated().map { index, rate in
            let name = EngineFixture.model(rate.0)
            return ModelPrices(
                name: name, maximumOutputTokens: 1_000,
                prices: [
                    .of(.input, rate.1 * 1_000_000, id: Int64(index * 2 + 1), model: name),
                    .of(.output, rate.1 * 1_000_000, id: Int64(index * 2 + 2), model: name),
                ])
        }, makers: ["maker"])

    struct Row {
        let limit: Int64
        var spent: Int64 = 0
        var here: Int64 = 0
        var elsewhere: Int64 = 0
        var revocation: Int64 = 0
        var isRevocationUnderWay = false
        var revision: Int64 = 1
    }

    init(_ budgets: [Budget], ladder: [String]? = nil, prices: PriceBook = Self.prices) {
        let ladders = ladder.map { [Ladder(team: "t", feature: nil, models: $0, floor: nil)] } ?? []
        engine = AdmissionEngine(
            replicaID: 1,
            configuration: Configuration(version: 1, teams: ["t"], budgets: budgets, ladders: ladders, prices: prices))
        for budget in budgets {
            rows[budget.number] = Row(limit: budget.limit)
            keys[budget.number] = WindowKey(
                budgetNumber: budget.number, span: budget.window(containing: EngineFixture.start))
            engine.learn(facts(budget.number))
        }
    }

    var now: Moment { Moment(wall: EngineFixture.start, monotonicNanoseconds: milliseconds * 1_000_000) }

    private func facts(_ id: Int64) -> WindowFacts {
        let row = rows[id]!
        return WindowFacts(
            windowID: id, key: keys[id]!, limit: row.limit, spent: row.spent, leased: row.here + row.elsewhere,
            leasedHere: row.here, revocation: row.revocation, isRevocationUnderWay: row.isRevocationUnderWay,
            revision: row.revision)
    }

    // MARK: Calls

    /// Asks for a call and sends what must be sent. Returns its ticket.
    @discardableResult mutating func ask(_ call: Call) -> Int64 {
        let ticket = enqueue(call)
        send()
        return ticket
    }

    /// Asks for a call of `output` tokens, which waits in line for `wait` milliseconds.
    @discardableResult mutating func ask(
        _ output: Int64, wait: Int64 = 0, least: Int64? = nil, who: Attribution = Attribution(team: "t")
    ) -> Int64 { ask(call(output, wait: wait, least: least, who: who)) }

    /// The verdict of a call that does not wait.
    mutating func judge(_ output: Int64, who: Attribution = Attribution(team: "t")) -> Verdict? {
        let ticket = ask(output, who: who)
        return verdict(ticket)
    }

    func call(
        _ output: Int64, wait: Int64 = 0, least: Int64? = nil, who: Attribution = Attribution(team: "t")
    ) -> Call {
        Call(
            requestID: "r\(lastTicket + 1)", who: who, model: "opus", inputTokens: 0, maxOutputTokens: output,
            minOutputTokens: least, waitMilliseconds: wait)
    }

    mutating func enqueue(_ call: Call) -> Int64 {
        lastTicket += 1
        switch engine.authorize(call, at: now, isFinal: false) {
        case .ask(let ask): queue.wait(call, ask, ticket: lastTicket, at: now)
        case let outcome: note(lastTicket, outcome)
        }
        return lastTicket
    }

    private mutating func note(_ ticket: Int64, _ outcome: AuthorizeOutcome?) {
        outcomes[ticket] = outcome
        answered.append(ticket)
    }

    func verdict(_ ticket: Int64) -> Verdict? {
        if case .verdict(let verdict, _)? = outcomes[ticket] { verdict } else { nil }
    }

    func isWaiting(_ ticket: Int64) -> Bool { queue.line.contains(ticket) }

    /// Sends grant batches until there is nothing to send at this moment.
    mutating func send() {
        for _ in 0..<20 {
            guard case .grant(let batch)? = queue.next(&engine, at: now) else { return }
            batches += 1
            let plan = Allocation(
                asks: batch.asks, windows: batch.windowIDs.map { facts($0) }, snapshot: batch.snapshot)
            for id in batch.windowIDs {
                rows[id]!.here += (plan.grants[id] ?? 0) - (batch.snapshot.givenBack[id] ?? 0)
                rows[id]!.revision += 1
                if plan.revoked.contains(id) {
                    rows[id]!.revocation += 1
                    rows[id]!.isRevocationUnderWay = true
                }
            }
            let result = GrantBatch.Result(facts: batch.windowIDs.map { facts($0) }, plan: plan, of: batch)
            for answer in queue.took(.committed(result), &engine, at: now) { note(answer.ticket, answer.outcome) }
        }
    }

    mutating func endWaits() {
        for answer in queue.endWaits(&engine, at: now) { note(answer.ticket, answer.outcome) }
        send()
    }

    mutating func forget(_ ticket: Int64) {
        queue.forget(ticket, &engine)
        send()
    }

    mutating func update(_ body: (inout AdmissionEngine) -> Void) { body(&engine) }

    // MARK: Money

    /// The call of `ticket` ends, and cost `amount`.
    mutating func settle(_ ticket: Int64, cost amount: Int64 = 0) {
        let hold = verdict(ticket)!.hold!
        let charges = engine.beginSettling(
            hold, served: hold.model, cost: Money(nanodollars: amount), tokens: amount / 10)
        for charge in charges {
            guard case .window(let id) = charge.target else { continue }
            rows[id]!.here -= charge.leaseRelease
            rows[id]!.spent += charge.spent
            rows[id]!.revision += 1
        }
        engine.finish(hold, charges, wasFirst: true)
        for id in rows.keys { engine.learn(facts(id)) }
        queue.moneyMayBeFree()
        send()
    }

    /// Another replica takes a lease, or with a negative amount gives it back, without a word of it.
    mutating func leaseElsewhere(_ amount: Int64, of id: Int64 = 1) {
        rows[id]!.elsewhere += amount
        rows[id]!.revision += 1
    }

    /// The other replicas answer the revocation under way: they give back `amount`.
    mutating func answerRevocation(givingBack amount: Int64, of id: Int64 = 1) {
        leaseElsewhere(-amount, of: id)
        rows[id]!.isRevocationUnderWay = false
        queue.lookAgain()
        send()
    }
}
