import Accounting

/// A month of one hard budget on the real engine: each call asks for the best model, is held and settled, or denied.
package struct MonthRun {
    /// What a day's calls were answered: how many each model served, and how many were denied.
    package struct Day: Sendable {
        package fileprivate(set) var served = [Int](repeating: 0, count: LadderOfThree.models.count)
        package fileprivate(set) var denied = 0
    }

    package let window: WindowSpan
    package let plan: SpendingPlan
    package let limit: Int64
    package private(set) var spent: Int64 = 0
    /// What was spent at the end of each hour.
    package private(set) var spentByHour: [Int64] = []
    package private(set) var days: [Day]
    package private(set) var firstDenial: Timestamp?
    package private(set) var firstReason: Reason?

    package var denied: Int { days.reduce(0) { $0 + $1.denied } }
    /// How many calls the model at each place of the ladder has served.
    package var served: [Int] {
        LadderOfThree.models.indices.map { place in days.reduce(0) { $0 + $1.served[place] } }
    }

    private var engine: AdmissionEngine
    private var revision: Int64 = 1
    private var leased: Int64 = 0
    private var open: [(endsAt: Timestamp, hold: Hold, call: TrafficCall)] = []

    private static let team = "search"
    private static let windowID: Int64 = 1
    private static let maxOutputTokens: Int64 = 2_000

    /// - Parameter profile: of the weeks before, for a paced budget.
    package init(
        _ calls: [TrafficCall], in window: WindowSpan, limit: Int64, isPaced: Bool, profile: SpendingProfile?
    ) {
        let budget = Budget(
            number: 1, id: "team/search", version: 1, scope: Scope(team: Self.team), period: .month, zone: .utc,
            unit: .usd, limit: limit, enforcement: .hard, downgradeAt: nil, alertAt: [],
            rules: BudgetRules(isPaced: isPaced), profile: profile, createdAt: Timestamp(seconds: 0))
        engine = AdmissionEngine(
            replicaID: 1,
            configuration: Configuration(
                version: 1, teams: [Self.team], budgets: [budget],
                ladders: [Ladder(team: Self.team, feature: nil, models: LadderOfThree.models, floor: nil)],
                prices: LadderOfThree.prices))
        (self.window, self.limit) = (window, limit)
        plan = Pacing(profile, in: .utc).plan(of: window)!
        days = Array(repeating: Day(), count: Int((window.end!.seconds - window.start.seconds) / 86_400))
        engine.learn(facts)
        for (number, call) in calls.enumerated() {
            pass(to: call.at)
            judge(call, number)
        }
        pass(to: window.end!)
        for ended in open { settle(ended.hold, ended.call) }
    }

    private var facts: WindowFacts {
        WindowFacts(
            windowID: Self.windowID, key: WindowKey(budgetNumber: 1, span: window), limit: limit, spent: spent,
            leased: leased, leasedHere: leased, revision: revision)
    }

    private func moment(_ wall: Timestamp) -> Moment {
        Moment(wall: wall, monotonicNanoseconds: (wall.microseconds - window.start.microseconds) * 1_000)
    }

    private mutating func judge(_ call: TrafficCall, _ number: Int) {
        let asked = Call(
            requestID: "r\(number)", who: Attribution(team: Self.team, feature: call.feature),
            model: LadderOfThree.models[0], inputTokens: call.inputTokens, maxOutputTokens: Self.maxOutputTokens)
        let now = moment(call.at)
        var outcome = engine.authorize(asked, at: now, isFinal: false)
        if case .ask(let ask) = outcome {
            grant(ask, at: now)
            outcome = engine.authorize(asked, at: now, isFinal: true)
        }
        guard case .verdict(let verdict, _) = outcome else { fatalError("\(asked.requestID) has no verdict") }
        let day = Int((call.at.seconds - window.start.seconds) / 86_400)
        if let hold = verdict.hold {
            days[day].served[LadderOfThree.place(of: hold.model)] += 1
            if firstReason == nil { firstReason = verdict.reason }
            // A second, and fifty tokens in each more.
            open.append((call.at.adding(seconds: 1 + call.outputTokens / 50), hold, call))
        } else {
            days[day].denied += 1
            firstDenial = firstDenial ?? call.at
        }
    }

    private mutating func grant(_ ask: LeaseAsk, at now: Moment) {
        let snapshot = engine.beginGrantBatch([ask], at: now)
        let plan = Allocation(asks: [ask], windows: [facts], snapshot: snapshot)
        leased += (plan.grants[Self.windowID] ?? 0) - (snapshot.givenBack[Self.windowID] ?? 0)
        revision += 1
        engine.endGrantBatch([facts], plan, snapshot, at: now)
    }

    /// Settles what ends by `now`, and notes what was spent at the end of each hour before.
    private mutating func pass(to now: Timestamp) {
        for ended in open where ended.endsAt <= now { settle(ended.hold, ended.call) }
        open.removeAll { $0.endsAt <= now }
        while window.start.adding(seconds: Int64(spentByHour.count + 1) * 3_600) <= now { spentByHour.append(spent) }
    }

    private mutating func settle(_ hold: Hold, _ call: TrafficCall) {
        let cost = LadderOfThree.cost(of: call, on: LadderOfThree.place(of: hold.model))
        let charges = engine.beginSettling(
            hold, served: hold.model, cost: cost, tokens: call.inputTokens + call.outputTokens)
        for charge in charges {
            leased -= charge.leaseRelease
            spent += charge.spent
        }
        revision += 1
        engine.finish(hold, charges, wasFirst: true)
        engine.learn(facts)
    }
}

extension SpendingProfile {
    /// The profile that a server works out at the end of these calls, all of which the best model served.
    package init?(after calls: [TrafficCall], at now: Timestamp) {
        self.init(
            of: calls.map { Slot(moment: $0.at, amount: LadderOfThree.cost(of: $0, on: 0).nanodollars) }, in: .utc,
            before: now)
    }
}
