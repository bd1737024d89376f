@testable import Accounting

/// What PostgreSQL does for desks, in memory: window rows, leases, rounds of grants and ends of holds.
struct BankModel {
    struct Row {
        let key: WindowKey
        var limit: Int64
        var spent: Int64 = 0
        /// By replica.
        var leases: [Int64: Int64] = [:]
        var revision: Int64 = 1
        /// What came in without a lease to take it from, or by a lowered limit: all by which it may be over.
        var unsecured: Int64 = 0

        var leased: Int64 { leases.values.reduce(0, +) }
    }

    private(set) var rows: [Int64: Row] = [:]
    private var ids: [WindowKey: Int64] = [:]
    private(set) var ends: [HoldID: HoldEnd] = [:]
    /// By replica.
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

    func fact(_ id: Int64, for desk: Desk) -> WindowFacts {
        let row = rows[id]!
        return WindowFacts(
            windowID: id, key: row.key, limit: row.limit, spent: row.spent, leased: row.leased,
            leasedHere: row.leases[desk.replicaID] ?? 0, revision: row.revision)
    }

    mutating func setLimit(_ limit: Int64, of budget: Int64) {
        limits[budget] = limit
        for id in rows.keys where rows[id]!.key.budgetNumber == budget {
            rows[id]!.unsecured += max(0, rows[id]!.limit - limit)
            rows[id]!.limit = limit
            rows[id]!.revision += 1
        }
    }

    // MARK: Leases

    /// One round of grants.
    mutating func round(_ desk: inout Desk, _ asks: [LeaseAsk], topUps: Set<Int64> = [], at now: Moment) -> GrantPlan {
        let standing = desk.beginRound(asks, topUps: topUps, at: now.wall)
        let opened = Set(asks.flatMap(\.opens)).map { open($0) }
        let windows = standing.windowIDs.union(asks.flatMap { $0.alternatives.flatMap { $0.map(\.windowID) } })
        let plan = GrantPlan(asks: asks, windows: windows.sorted().map { fact($0, for: desk) }, standing: standing)
        for (window, amount) in plan.grants {
            rows[window]!.leases[desk.replicaID, default: 0] += amount
            rows[window]!.revision += 1
        }
        desk.endRound(windows.union(opened).sorted().map { fact($0, for: desk) }, plan, standing)
        return plan
    }

    /// Judges a call as a server does: asks until there is a verdict.
    mutating func authorize(_ desk: inout Desk, _ call: Call, at now: Moment) -> AuthorizeOutcome {
        var isFinal = false
        for _ in 0..<20 {
            switch desk.authorize(call, at: now, isFinal: isFinal) {
            case .ask(let ask):
                let plan = round(&desk, [ask], at: now)
                isFinal = plan.isAnsweredFinally && ask.opens.isEmpty
            case let outcome: return outcome
            }
        }
        return desk.authorize(call, at: now, isFinal: true)
    }

    mutating func verdict(_ desk: inout Desk, _ call: Call, at now: Moment = .after(0)) -> Verdict? {
        if case .verdict(let verdict, _) = authorize(&desk, call, at: now) { verdict } else { nil }
    }

    /// Takes back what a dead replica had leased, once its longest hold has expired.
    mutating func reclaim(_ replicaID: Int64) {
        for id in rows.keys where rows[id]!.leases[replicaID] != nil {
            rows[id]!.leases[replicaID] = nil
            rows[id]!.revision += 1
        }
    }

    mutating func giveBack(_ desk: inout Desk, at now: Moment, all: Bool = false) {
        for (window, amount) in desk.takeIdle(at: now.wall, all: all) {
            rows[window]!.leases[desk.replicaID]! -= amount
            rows[window]!.revision += 1
        }
    }

    // MARK: Ends

    /// What the writer does with one end of a hold, here by `desk`.
    @discardableResult mutating func end(_ hold: Hold, _ how: HoldEnd, _ charges: [WindowCharge], by desk: inout Desk)
        -> Bool
    {
        let isFirst = ends[hold.id] == nil
        if isFirst {
            ends[hold.id] = how
            endedBy[hold.id] = desk.replicaID
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
            rows[id]!.unsecured += max(0, charge.spent - taken)
            rows[id]!.revision += 1
            done.append(
                WindowCharge(
                    target: .window(id), isCounted: charge.isCounted, spent: charge.spent, leaseRelease: taken))
        }
        desk.finish(hold, done, wasFirst: isFirst)
        for charge in done {
            guard case .window(let id) = charge.target else { continue }
            desk.learn(
                windowID: id, limit: rows[id]!.limit, spent: rows[id]!.spent, leased: rows[id]!.leased,
                revision: rows[id]!.revision)
        }
        return isFirst
    }

    @discardableResult mutating func settle(_ hold: Hold, tokens: Int64, served: ModelName? = nil, by desk: inout Desk)
        -> Bool
    {
        let model = served ?? hold.model
        let rate = DeskFixture.prices.models[model]!.card(tier: .standard, contextTokens: 1, at: DeskFixture.start)!
        var usage = Quantities()
        usage.add(.input, tokens)
        let charges = desk.beginSettling(hold, served: model, cost: rate.rate(usage).cost, tokens: tokens)
        return end(hold, .settled, charges, by: &desk)
    }

    @discardableResult mutating func void(_ hold: Hold, by desk: inout Desk) -> Bool {
        end(hold, .voided, desk.beginVoiding(hold), by: &desk)
    }
}

extension GrantPlan {
    /// Whether the only ask of it need not ask again. Nobody gives idle leases back here.
    var isAnsweredFinally: Bool {
        if case .covered = answers.first { false } else { answers.count == 1 }
    }
}
