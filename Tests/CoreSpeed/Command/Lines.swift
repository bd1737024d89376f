import Accounting

/// Authorizing on a replica that has a few budgets, or many budgets of which each call has its own.
struct Authorizing {
    /// How many holds are open at a time, as with this many calls in flight.
    private static let inFlight = 256
    private static let rounds = 8
    private let replica: LoadedReplica
    private let calls: [Call]

    /// Up to four budgets, each of which counts every call.
    ///
    /// - Parameter isLogged: whether the verdicts go to the log, as on a server.
    init(budgetsOfACall count: Int, isLogged: Bool = false) {
        let scopes = [
            Scope(team: "search"), Scope(team: "search", feature: "answers"), Scope(provider: "anthropic"),
            Scope(user: "user-17", tags: [Tag(key: "env", value: "production")]),
        ]
        let who = Attribution(
            team: "search", feature: "answers", user: "user-17", run: nil,
            tags: [Tag(key: "env", value: "production")])
        self.init(budgets: count, isLogged: isLogged, scope: { scopes[$0] }, who: { _ in who })
    }

    /// One budget for each call; the budgets of `teams` teams take turns.
    init(teams: Int) {
        self.init(budgets: teams) {
            Scope(team: "team-\($0)")
        } who: {
            // No cache can guess this order.
            Attribution(team: "team-\($0 &* 7919 % teams)", feature: "answers", user: "user-17")
        }
    }

    /// Calls of many runs that all count in one budget: each run in a window of its own, or all in the same.
    init(runs: Int, haveWindows: Bool) {
        let name = { (index: Int) in "agent-run-\(index &* 7919 % runs)" }
        self.init(
            LoadedReplica(
                scope: haveWindows ? Scope(team: "search", each: .run) : Scope(team: "search"),
                values: haveWindows ? (0..<runs).map { WindowValue([name($0)]) } : [.none]),
            calls: runs, who: { Attribution(team: "search", feature: "answers", run: name($0)) })
    }

    private init(budgets: Int, isLogged: Bool = false, scope: (Int) -> Scope, who: (Int) -> Attribution) {
        self.init(LoadedReplica(budgets: budgets, isLogged: isLogged, scope: scope), calls: budgets, who: who)
    }

    private init(_ replica: LoadedReplica, calls count: Int, who: (Int) -> Attribution) {
        self.replica = replica
        replica.reserve(Self.inFlight)
        calls = (0..<max(count, Self.inFlight * Self.rounds)).map { .measured($0, who($0)) }
    }

    /// The mean over all calls of what `measure` reports for authorizing calls and for ending their holds.
    private func mean(_ measure: (Int, (Int) -> Void) -> Double) -> (ofAuthorize: Double, ofFinish: Double) {
        var (authorize, finish) = (0.0, 0.0)
        for start in stride(from: 0, to: calls.count - Self.inFlight + 1, by: Self.inFlight) {
            authorize += measure(Self.inFlight) { replica.admit(calls[start + $0]) }
            finish += measure(1) { _ in replica.finish() } / Double(Self.inFlight)
        }
        let parts = Double(calls.count / Self.inFlight)
        return (authorize / parts, finish / parts)
    }

    func nanosecondsOfAuthorize() -> Double { mean(nanoseconds).ofAuthorize }
    func nanosecondsOfFinish() -> Double { mean(nanoseconds).ofFinish }
    func allocationsOfAuthorize() -> Double { mean(heapAllocations).ofAuthorize }
}

/// Rating usage at a model's prices.
struct Rating {
    private let usage: Quantities
    private let model: ModelPrices

    init() {
        var usage = Quantities()
        usage.add(.input, 1000)
        usage.add(.cacheRead, 200)
        usage.add(.output, 400)
        self.usage = usage
        model = LoadedReplica.prices.models[ModelName(provider: "anthropic", model: "model-17-2026-11-20")]!
    }

    func rate() {
        let card = model.card(tier: .standard, contextTokens: usage.inputTokens, at: LoadedReplica.start)
        use(card!.rate(usage).cost)
    }
}

/// Encrypting a hold of four budgets into its hold token, and decrypting the token.
struct HoldTokens {
    private let holdTokens = HoldTokenCipher(keys: [1: [UInt8](repeating: 7, count: 32)])
    private let hold: Hold
    private let id: String
    /// The token of a server that was started at another time, and so has another key.
    private let foreignID: String

    init() {
        let charges = (1...4).map {
            Hold.Charge(windowID: 1_000_000 + $0, budgetNumber: $0, amount: 9_600_000, isLeased: true)
        }
        hold = Hold(
            id: HoldID(replicaID: 7, number: 1_000_000), requestID: "6f9619ff-8b86-d011-b42d-00c04fc964ff",
            who: Attribution(team: "search", feature: "answers", user: "user-17"),
            requestedModel: "model-17-2026-11-20",
            model: ModelName(provider: "anthropic", model: "model-17-2026-11-20"), tier: .standard,
            estimate: Money(nanodollars: 9_600_000), authorizedAt: LoadedReplica.start,
            expiresAt: LoadedReplica.start.adding(seconds: 600), charges: charges)
        id = holdTokens.encrypt(hold)!
        foreignID = HoldTokenCipher(keys: [1: [UInt8](repeating: 7, count: 32)]).encrypt(hold)!
    }

    func encryptOnce() { use(holdTokens.encrypt(hold)) }
    func decryptOnce() { use(holdTokens.decrypt(id)) }
    func decryptForeignOnce() { use(holdTokens.decrypt(foreignID)) }
}
