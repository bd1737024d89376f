import Accounting

/// Authorizing in an office of a few budgets, or of many among which each call has its own.
struct Authorizing {
    private static let batch = 2_000
    private let office: Office
    private let calls: [Call]

    /// One to four budgets that count each call.
    init(budgetsOfACall count: Int) {
        let scopes = [
            Scope(team: "search"), Scope(team: "search", feature: "answers"), Scope(provider: "anthropic"),
            Scope(user: "user-17", tags: [Tag(key: "env", value: "production")]),
        ]
        let who = Attribution(
            team: "search", feature: "answers", user: "user-17", run: nil,
            tags: [Tag(key: "env", value: "production")])
        self.init(Array(scopes.prefix(count))) { _ in who }
    }

    /// One budget a call, of `teams` in turn.
    init(teams: Int) {
        self.init((0..<teams).map { Scope(team: "team-\($0)") }) { index in
            // In an order that no cache can guess.
            Attribution(team: "team-\(index &* 7919 % teams)", feature: "answers", user: "user-17")
        }
    }

    private init(_ scopes: [Scope], who: (Int) -> Attribution) {
        office = Office(scopes)
        office.reserve(Self.batch)
        calls = (0..<Self.batch).map { .measured($0, who($0)) }
        // What grows with the number of open holds has its size.
        run()
        office.finish()
    }

    private func run() { for call in calls { office.admit(call) } }

    func nanosecondsOfAuthorize() -> Double {
        defer { office.finish() }
        return nanoseconds(calls.count) { office.admit(calls[$0]) }
    }

    func nanosecondsOfFinish() -> Double {
        run()
        return nanoseconds(1) { _ in office.finish() } / Double(calls.count)
    }

    func allocationsOfAuthorize() -> Double {
        defer { office.finish() }
        return heapAllocations(calls.count) { office.admit(calls[$0]) }
    }
}

/// Rating usage on a model's prices.
struct Rating {
    private let usage: Quantities
    private let model: ModelPrices

    init() {
        var usage = Quantities()
        usage.add(.input, 1000)
        usage.add(.cacheRead, 200)
        usage.add(.output, 400)
        self.usage = usage
        model = Office.prices.models[ModelName(provider: "anthropic", model: "model-17-2026-11-20")]!
    }

    func rate() {
        let card = model.card(tier: .standard, contextTokens: usage.inputTokens, at: Office.start)
        use(card!.rate(usage).cost)
    }
}

/// Sealing a hold of four budgets into its id, and opening it.
struct Sealing {
    private let seal = HoldSeal(keys: [1: [UInt8](repeating: 7, count: 32)])
    private let hold: Hold
    private let id: String

    init() {
        let charges = (1...4).map {
            Hold.Charge(windowID: 1_000_000 + $0, budgetNumber: $0, amount: 9_600_000, isLeased: true)
        }
        hold = Hold(
            id: HoldID(replicaID: 7, number: 1_000_000), requestID: "6f9619ff-8b86-d011-b42d-00c04fc964ff",
            who: Attribution(team: "search", feature: "answers", user: "user-17"),
            requestedModel: "model-17-2026-11-20",
            model: ModelName(provider: "anthropic", model: "model-17-2026-11-20"), tier: .standard,
            estimate: Money(nanodollars: 9_600_000), authorizedAt: Office.start,
            expiresAt: Office.start.adding(seconds: 600), charges: charges)
        id = seal.seal(hold)!
    }

    func sealOnce() { use(seal.seal(hold)) }
    func openOnce() { use(seal.open(id)) }
}
