import Accounting
import Ledger

/// A replica core with leased budgets in memory, as in the middle of a busy day.
final class LoadedReplica {
    static let start = Timestamp(rfc3339: "2026-11-20T12:00:00Z")!
    static let now = Moment(wall: start, monotonicNanoseconds: 0)
    private static let limitNanodollars: Int64 = 1_000_000_000_000_000

    static let prices: PriceBook = {
        let makers = ["openai", "anthropic", "google", "mistral"]
        let models = (0..<200).map { index in
            let name = ModelName(provider: makers[index % makers.count], model: "model-\(index)-2026-11-20")
            let meters: [(Meter, Int64)] = [
                (.input, 3_000_000_000), (.cacheRead, 300_000_000), (.cacheWrite, 3_750_000_000),
                (.output, 15_000_000_000),
            ]
            return ModelPrices(
                name: name, maximumOutputTokens: 64_000,
                prices: meters.enumerated().map { place, meter in
                    Price(
                        id: Int64(index * 10 + place), model: name, meter: meter.0, tier: .standard,
                        aboveContextTokens: 0, femtodollarsPerUnit: meter.1, validFrom: Timestamp(seconds: 0),
                        validUntil: nil)
                })
        }
        return PriceBook(models: models, makers: Set(makers))
    }()

    private(set) var core: ReplicaCore
    private var holds: [Hold] = []

    convenience init(budgets count: Int, isLogged: Bool = false, scope: (Int) -> Scope) {
        self.init(budgets: (0..<count).map { Self.budget($0 + 1, scope($0)) }, values: [.none], isLogged: isLogged)
    }

    /// One budget with a window for each value.
    convenience init(scope: Scope, values: [WindowValue]) {
        self.init(budgets: [Self.budget(1, scope)], values: values, isLogged: false)
    }

    private static func budget(_ number: Int, _ scope: Scope) -> Budget {
        Budget(
            number: Int64(number), id: "budget-of-a-team-\(number)", version: 1, scope: scope,
            period: .month, zone: .utc, unit: .usd, limit: limitNanodollars, enforcement: .hard,
            downgradeAt: nil, alertAt: [Fraction(millionths: 800_000)], createdAt: Timestamp(seconds: 0))
    }

    private init(budgets: [Budget], values: [WindowValue], isLogged: Bool) {
        let teams = Set(budgets.compactMap(\.scope.team))
        let configuration = Configuration(version: 1, teams: teams, budgets: budgets, ladders: [], prices: Self.prices)
        core = ReplicaCore(AdmissionEngine(replicaID: 7, configuration: configuration))
        core.update {
            $0.verdictLog.isOn = isLogged
            Self.lease(budgets, values, &$0)
        }
    }

    /// Opens every budget's windows and leases a part of each.
    private static func lease(_ budgets: [Budget], _ values: [WindowValue], _ engine: inout AdmissionEngine) {
        let windows = budgets.flatMap { budget in values.map { (budget, $0) } }
        for (index, (budget, value)) in windows.enumerated() {
            let fact = WindowFacts(
                windowID: Int64(index) + 1001,
                key: WindowKey(budgetNumber: budget.number, span: budget.window(containing: start), value: value),
                limit: budget.limit, spent: 0, leased: 0, leasedHere: 0, revision: 1)
            engine.learn(fact)
            let need = LeaseAsk.Need(windowID: fact.windowID, amount: fact.limit / 2, holdSeconds: 3600)
            let asks = [LeaseAsk(alternatives: [[need]])]
            let now = Moment(wall: start, monotonicNanoseconds: 0)
            let snapshot = engine.beginGrantBatch(asks, at: now)
            engine.endGrantBatch(
                [fact], Allocation(asks: asks, windows: [fact], snapshot: snapshot), snapshot, at: now)
        }
    }

    /// Judges a call, which must be admitted.
    func admit(_ call: Call) {
        guard case .verdict(let verdict, _) = core.authorize(call, ticket: 0, at: Self.now), let hold = verdict.hold
        else { fatalError("\(call.requestID) was not admitted") }
        holds.append(hold)
    }

    /// Ends all holds.
    func finish() {
        for hold in holds { core.discard(hold) }
        holds.removeAll(keepingCapacity: true)
    }

    func reserve(_ count: Int) { holds.reserveCapacity(count) }
}

extension Call {
    /// The request ids are as long as the UUIDs that routers send.
    static func measured(_ index: Int, _ who: Attribution) -> Call {
        let digits = String(index)
        return Call(
            requestID: "6f9619ff-8b86-d011-b42d-" + String(repeating: "0", count: 12 - digits.count) + digits,
            who: who, model: "model-17-2026-11-20", inputTokens: 1200, cachedInputTokens: 200, maxOutputTokens: 400)
    }
}
