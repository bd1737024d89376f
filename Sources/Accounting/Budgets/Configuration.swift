/// Everything people decide: who there is, what may be spent, by which models, at what prices.
package struct Configuration: Sendable {
    package let version: Int64
    package let teams: Set<String>
    package let budgets: [Int64: Budget]
    package let prices: PriceBook
    package let accountingZone: Zone
    package let closedMonths: Set<CalendarMonth>
    package let scopes: ScopeIndex
    /// Whether any budget tells of thresholds.
    package let hasAlerts: Bool
    private let ladders: [String: [ModelName]]

    package init(
        version: Int64, teams: Set<String>, budgets: [Budget], ladders: [Ladder], prices: PriceBook,
        accountingZone: Zone = .utc, closedMonths: Set<CalendarMonth> = []
    ) {
        self.version = version
        self.teams = teams
        self.budgets = Dictionary(uniqueKeysWithValues: budgets.map { ($0.number, $0) })
        self.prices = prices
        self.accountingZone = accountingZone
        self.closedMonths = closedMonths
        scopes = ScopeIndex(budgets, prices: prices)
        hasAlerts = budgets.contains { !$0.alertAt.isEmpty }
        self.ladders = Dictionary(
            uniqueKeysWithValues: ladders.map { ladder in
                let end = ladder.floor.flatMap { ladder.models.firstIndex(of: $0) } ?? ladder.models.count - 1
                return (
                    Self.ladderKey(ladder.team, ladder.feature),
                    ladder.models[...end].map { prices.name(of: $0, provider: nil) }
                )
            })
    }

    package static let empty = Configuration(version: 0, teams: [], budgets: [], ladders: [], prices: .empty)

    // A team's name may hold a slash, a line feed it may not.
    private static func ladderKey(_ team: String, _ feature: String?) -> String {
        feature.map { "\(team)\n\($0)" } ?? team
    }

    /// The models down to the floor that a call of `who` may use, best first; nil where nothing restricts it.
    package func ladder(for who: Attribution) -> [ModelName]? {
        if ladders.isEmpty { return nil }
        if let feature = who.feature, let own = ladders[Self.ladderKey(who.team, feature)] { return own }
        return ladders[Self.ladderKey(who.team, nil)]
    }

    /// The budgets that count `call` on the model it asks for.
    func budgets(counting call: Call) -> [Budget] {
        scopes.budgets(for: call.who, model: prices.name(of: call.model, provider: call.provider))
    }

    /// The month a call of `occurredAt` is booked in: its own, or the first open one after it.
    package func bookingMonth(for occurredAt: Timestamp) -> CalendarMonth {
        var month = accountingZone.day(at: occurredAt).month
        while closedMonths.contains(month) { month = month.next }
        return month
    }
}
