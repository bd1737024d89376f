/// Everything that is configured: teams and what they are called, budgets, ladders, prices, agreements, where features were
/// moved, and which tokens are no longer valid.
package final class Configuration: Sendable {
    package let version: Int64
    package let teams: Set<String>
    package let prices: PriceBook
    package let agreements: AgreementBook
    package let accountingZone: Zone
    package let closedMonths: Set<CalendarMonth>
    /// The ids of all revoked access tokens.
    package let revokedTokens: Set<Int64>
    package let names: TeamNames
    package let moves: FeatureMoves
    package let scopes: ScopeIndex
    /// Whether any budget has alert thresholds.
    package let hasAlerts: Bool
    /// What becomes of a team's holds that expire unsettled, where none of their budgets says more than `record`.
    package let unsettledOfTeams: [String: BudgetRules.Unsettled]
    /// Whether any hold that expires becomes more than a record.
    let mayEstimate: Bool
    private let ladders: [String: TeamLadders]

    private struct TeamLadders {
        /// For features that have no ladder of their own.
        var general: [ModelName]?
        var byFeature: [String: [ModelName]] = [:]
    }

    package convenience init(
        version: Int64, teams: Set<String>, budgets: [Budget], ladders: [Ladder], prices: PriceBook
    ) {
        self.init(
            version: version, teams: teams, scopes: ScopeIndex(budgets, prices: prices), ladders: ladders,
            prices: prices)
    }

    package convenience init(
        version: Int64, teams: Set<String>, scopes: ScopeIndex, ladders: [Ladder], prices: PriceBook,
        agreements: AgreementBook = .empty, accountingZone: Zone = .utc, closedMonths: Set<CalendarMonth> = [],
        revokedTokens: Set<Int64> = [], names: TeamNames = TeamNames(), moves: FeatureMoves = FeatureMoves(),
        unsettledOfTeams: [String: BudgetRules.Unsettled] = [:]
    ) {
        var byTeam: [String: TeamLadders] = [:]
        for ladder in ladders {
            let end = ladder.floor.flatMap { ladder.models.firstIndex(of: $0) } ?? ladder.models.count - 1
            let names = ladder.models[...end].map { prices.name(of: $0, provider: nil) }
            if let feature = ladder.feature {
                byTeam[ladder.team, default: TeamLadders()].byFeature[feature] = names
            } else {
                byTeam[ladder.team, default: TeamLadders()].general = names
            }
        }
        self.init(
            version: version, teams: teams, scopes: scopes, teamLadders: byTeam, prices: prices, agreements: agreements,
            accountingZone: accountingZone, closedMonths: closedMonths, revokedTokens: revokedTokens, names: names,
            moves: moves, unsettledOfTeams: unsettledOfTeams)
    }

    /// The same configuration with other budgets.
    package convenience init(_ other: Configuration, budgets: [Budget]) {
        self.init(
            version: other.version, teams: other.teams, scopes: ScopeIndex(budgets, prices: other.prices),
            teamLadders: other.ladders, prices: other.prices, agreements: other.agreements,
            accountingZone: other.accountingZone, closedMonths: other.closedMonths,
            revokedTokens: other.revokedTokens, names: other.names, moves: other.moves,
            unsettledOfTeams: other.unsettledOfTeams)
    }

    private init(
        version: Int64, teams: Set<String>, scopes: ScopeIndex, teamLadders: [String: TeamLadders], prices: PriceBook,
        agreements: AgreementBook, accountingZone: Zone, closedMonths: Set<CalendarMonth>, revokedTokens: Set<Int64>,
        names: TeamNames, moves: FeatureMoves, unsettledOfTeams: [String: BudgetRules.Unsettled]
    ) {
        self.version = version
        self.teams = teams
        self.prices = prices
        self.agreements = agreements
        self.accountingZone = accountingZone
        self.closedMonths = closedMonths
        self.revokedTokens = revokedTokens
        self.names = names
        self.moves = moves
        self.scopes = scopes
        self.unsettledOfTeams = unsettledOfTeams
        ladders = teamLadders
        hasAlerts = scopes.budgets.contains { !$0.alertAt.isEmpty }
        mayEstimate =
            unsettledOfTeams.values.contains { $0 > .record }
            || scopes.budgets.contains { $0.rules.unsettled > .record }
    }

    /// The window of a budget that begins where another ends; nil if this version cannot read the budget, or if it has one
    /// window each: nobody knows which values come again.
    package func nextWindow(of number: Int64, from end: Timestamp) -> WindowKey? {
        guard let budget = scopes.budget(number), budget.whyUnreadable == nil, !budget.scope.hasWildcard else {
            return nil
        }
        return WindowKey(budgetNumber: number, span: budget.window(containing: end))
    }

    /// The budget with this id, if this version can read it.
    package func budget(id: String) -> Budget? {
        scopes.budget(id: id).flatMap { $0.whyUnreadable == nil ? $0 : nil }
    }

    /// The budgets, ordered by number, without those that this version cannot read.
    package var budgets: [Budget] {
        scopes.areAllReadable ? scopes.budgets : scopes.budgets.filter { $0.whyUnreadable == nil }
    }

    /// The budgets that this version cannot read. They refuse every call in their scope.
    package var unreadableBudgets: [Budget] {
        scopes.areAllReadable ? [] : scopes.budgets.filter { $0.whyUnreadable != nil }
    }

    package var rater: Rater { Rater(prices: prices, agreements: agreements) }

    package static let empty = Configuration(version: 0, teams: [], budgets: [], ladders: [], prices: .empty)

    /// Whether a ladder applies to any call that a scope may count.
    package func hasLadder(in scope: Scope) -> Bool {
        guard let team = scope.team else { return !ladders.isEmpty }
        guard let own = ladders[team] else { return false }
        return scope.feature.map { own.byFeature[$0] != nil || own.general != nil } ?? true
    }

    /// The models that a call of `who` may use, best first, down to the floor; nil if no ladder applies.
    package func ladder(for who: Attribution) -> [ModelName]? {
        guard !ladders.isEmpty, let own = ladders[who.team] else { return nil }
        return who.feature.flatMap { own.byFeature[$0] } ?? own.general
    }
}
