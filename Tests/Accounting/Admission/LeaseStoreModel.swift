@testable import Accounting

/// An in-memory model of what PostgreSQL does for engines: window rows, leases, grant batches and hold ends.
struct LeaseStoreModel {
    struct Row {
        let key: WindowKey
        var limit: Int64
        var spent: Int64 = 0
        /// Leased amounts, by replica.
        var leases: [Int64: Int64] = [:]
        var revision: Int64 = 1
        /// Charges that no lease covered, and reductions of the limit: the most by which the window may be over its
        /// limit.
        var unreserved: Int64 = 0

        var leased: Int64 { leases.values.reduce(0, +) }
    }

    private(set) var rows: [Int64: Row] = [:]
    private var ids: [WindowKey: Int64] = [:]
    private(set) var ends: [HoldID: HoldEnd] = [:]
    /// The replica that ended each hold.
    private(set) var endedBy: [HoldID: Int64] = [:]
    private var limits: [Int64: Int64] = [:]

    init(_ budgets: [Budget]) {
        for budget in budgets { limits[budget.number] = budget.limit }
    }

    // MARK: Windows

    mutating func open(_ key: WindowKey) -> Int64 {
        if let id = ids[key] { return id }
        let id = Int64(ids.count + 1)
        ids[key] = id
        rows[id] = Row(key: key, limit: limits[key.budgetNumber]!)
        return id
    }

    mutating func open(_ budget: Budget, at now: Moment, spent: Int64 = 0) -> Int64 {
        let id = open(WindowKey(budgetNumber: budget.number, span: budget.window(containing: now.wall)))
        rows[id]!.spent += spent
        rows[id]!.revision += 1
        return id
    }

    func row(_ budgetNumber: Int64) -> Row? { rows.values.first { $0.key.budgetNumber == budgetNumber } }

    func fact(_ id: Int64, for engine: AdmissionEngine) -> WindowFacts {
        let row = rows[id]!
        return WindowFacts(
            windowID: id, key: row.key, limit: row.limit, spent: row.spent, leased: row.leased,
            leasedHere: row.leases[engine.replicaID] ?? 0, revision: row.revision)
    }

    mutating func setLimit(_ limit: Int64, of budget: Int64) {
        limits[budget] = limit
        for id in rows.keys where rows[id]!.key.budgetNumber == budget {
            rows[id]!.unreserved += max(0, rows[id]!.limit - limit)
            rows[id]!.limit = limit
            rows[id]!.revision += 1
        }
    }

    // MARK: Leases

    /// Carries out one grant batch.
    mutating func round(_ engine: inout AdmissionEngine, _ asks: [LeaseAsk], topUps: Set<Int64> = [], at now: Moment)
        -> Allocation
    {
        let snapshot = engine.beginGrantBatch(asks, topUps: topUps, at: now)
        let opened = Set(asks.flatMap(\.opens)).map { open($0) }
        let batch = GrantBatch(number: 1, replicaID: engine.replicaID, asks: asks, snapshot: snapshot).opened(ids)
        let windows = batch.windowIDs
        let plan = Allocation(
            asks: batch.asks, windows: windows.map { fact($0, for: engine) }, snapshot: batch.snapshot)
        for (window, amount) in plan.grants {
            rows[window]!.leases[engine.replicaID, default: 0] += amount
            rows[window]!.revision += 1
        }
        let facts = Set(windows).union(opened).sorted().map { fact($0, for: engine) }
        let result = GrantBatch.Result(facts: facts, plan: plan, of: batch)
        engine.endGrantBatch(facts, plan, snapshot, openingHeadroom: result.openingHeadroom, at: now)
        return plan
    }

    /// Judges a call as a server does that has judged such a call before: asks for leases until there is a verdict. In this
    /// model no other replica gives back idle leases, so the call asks once more for what is there.
    mutating func authorize(_ engine: inout AdmissionEngine, _ call: Call, at now: Moment) -> AuthorizeOutcome {
        var earlier = engine
        _ = earlier.authorize(call, at: now, isFinal: false)
        let unopened = earlier.takeUnopened()
        if !unopened.isEmpty { _ = round(&engine, [LeaseAsk(opens: Array(unopened))], at: now) }
        var isFinal = false
        var refused: ArraySlice<LeaseAsk.Choice> = []
        var obtainable: LeaseAsk.Choice?
        for _ in 0..<20 {
            switch engine.authorize(call, at: now, isFinal: isFinal, refused: refused, obtainable: obtainable) {
            case .ask(var ask):
                var plan = round(&engine, [ask], at: now)
                if case .waits = plan.answers.first {
                    ask.callsBack = false
                    plan = round(&engine, [ask], at: now)
                }
                isFinal = plan.isAnsweredFinally && ask.opens.isEmpty
                guard case .covered(let index) = plan.answers.first, !ask.choices.isEmpty else { continue }
                refused = ask.choices.prefix(index)
                if ask.isDryRun { obtainable = ask.choices[index] }
            case let outcome: return outcome
            }
        }
        return engine.authorize(call, at: now, isFinal: true)
    }

    mutating func verdict(_ engine: inout AdmissionEngine, _ call: Call, at now: Moment = .after(0)) -> Verdict? {
        if case .verdict(let verdict, _) = authorize(&engine, call, at: now) { verdict } else { nil }
    }

    /// Takes back the leases of a dead replica, once its longest hold has expired.
    mutating func reclaim(_ replicaID: Int64) {
        for id in rows.keys where rows[id]!.leases[replicaID] != nil {
            rows[id]!.leases[replicaID] = nil
            rows[id]!.revision += 1
        }
    }

    mutating func giveBack(_ engine: inout AdmissionEngine, at now: Moment, all: Bool = false) {
        for (window, amount) in engine.takeIdle(at: now, all: all) {
            rows[window]!.leases[engine.replicaID]! -= amount
            rows[window]!.revision += 1
        }
    }

    // MARK: Ends

    /// Commits one hold end as the writer does, here for `engine`.
    @discardableResult mutating func end(
        _ hold: Hold, _ how: HoldEnd, _ charges: [WindowCharge], by engine: inout AdmissionEngine
    )
        -> Bool
    {
        let isFirst = ends[hold.id] == nil
        if isFirst {
            ends[hold.id] = how
            endedBy[hold.id] = engine.replicaID
        }
        var done: [WindowCharge] = []
        for charge in charges {
            let id =
                switch charge.target {
                case .window(let id): id
                case .unopened(let key): open(key)
                }
            let maker = hold.id.replicaID
            let taken = isFirst ? min(charge.leaseRelease, rows[id]!.leases[maker] ?? 0) : 0
            rows[id]!.leases[maker, default: 0] -= taken
            rows[id]!.spent += charge.spent
            rows[id]!.unreserved += max(0, charge.spent - taken)
            rows[id]!.revision += 1
            done.append(
                WindowCharge(
                    target: .window(id), isCounted: charge.isCounted, spent: charge.spent, leaseRelease: taken))
        }
        engine.finish(hold, done, wasFirst: isFirst)
        for charge in done {
            guard case .window(let id) = charge.target else { continue }
            engine.learn(
                windowID: id, limit: rows[id]!.limit, spent: rows[id]!.spent, leased: rows[id]!.leased,
                revision: rows[id]!.revision)
        }
        return isFirst
    }

    @discardableResult mutating func settle(
        _ hold: Hold, tokens: Int64, served: ModelName? = nil, by engine: inout AdmissionEngine
    )
        -> Bool
    {
        let model = served ?? hold.model
        let rate = EngineFixture.prices.models[model]!.card(tier: .standard, contextTokens: 1, at: EngineFixture.start)!
        var usage = Quantities()
        usage.add(.input, tokens)
        let charges = engine.beginSettling(hold, served: model, cost: rate.rate(usage).cost, tokens: tokens)
        return end(hold, .settled, charges, by: &engine)
    }

    @discardableResult mutating func void(_ hold: Hold, by engine: inout AdmissionEngine) -> Bool {
        end(hold, .voided, engine.beginVoiding(hold), by: &engine)
    }
}

extension Allocation {
    /// Whether the only ask needs no repetition.
    var isAnsweredFinally: Bool {
        if case .covered = answers.first { false } else { answers.count == 1 }
    }
}
