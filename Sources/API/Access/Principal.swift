import Accounting
import Ledger
import Wording

/// The caller of a request, as its token identifies it.
struct Principal: Sendable {
    let role: Role
    /// The only team this caller may act for; nil for any team.
    let team: String?
    /// The name that is stored with the changes this caller makes.
    let name: String

    /// What a caller wants to do. A nil team means that the action concerns all teams.
    enum Action {
        /// Authorize, settle and void a team's calls.
        case spend(team: String?)
        /// Report calls of a team that were never authorized.
        case report(team: String?)
        /// Ask what a call would cost, or which verdict it would get.
        case ask(team: String?)
        /// See a team's budgets, ladders, alerts, reports.
        case read(team: String?)
        case change(team: String?)
        /// Set, change and remove the budgets that a team owns, or that the company owns.
        case changeBudgets(of: Budget.Owner, team: String?)
        case readPrices
        case importPrices
        case changeCredits
        /// Say what becomes of usage that was refused.
        case decideDisputes
        /// Take back usage that was recorded.
        case reverseUsage
        /// Compare providers' invoices with the ledger, and say what becomes of differences.
        case reconcile
        /// Say where the alerts of every team go.
        case changeSharedAlerts
        /// Move a feature to another team, or give a team another name.
        case move
        /// Close months, export them, and verify the ledger.
        case closeMonths
        case administer
    }

    func may(_ action: Action) -> Bool {
        // Servers of earlier versions made such tokens with a team. They may do for their team what their role may do
        // for all, and nothing that concerns others.
        if let team, role.isForAllTeams, !action.concernsOnly(team) { return false }
        return switch (role, action) {
        case (.admin, _): true
        case (.router, .spend(let team)), (.router, .report(let team)), (.router, .ask(let team)):
            self.team == nil || team == nil || team == self.team
        case (.team, .ask(let team)): team == nil || team == self.team
        case (.team, .read(let team)), (.team, .change(let team)), (.team, .changeBudgets(.team, let team)):
            team != nil && team == self.team
        case (.finance, .read), (.finance, .changeBudgets(.company, _)), (.finance, .importPrices),
            (.finance, .changeCredits), (.finance, .decideDisputes), (.finance, .changeSharedAlerts),
            (.finance, .move), (.finance, .closeMonths), (.finance, .reverseUsage), (.finance, .reconcile),
            (.finance, .ask), (.finance, .report):
            true
        case (_, .readPrices): true
        default: false
        }
    }

    /// Whether the caller sees a budget: one of its team, or one that counts the calls of every team.
    func sees(_ budget: Budget) -> Bool {
        may(.read(team: budget.scope.team ?? team))
    }

    func require(_ action: Action) throws(Problem) {
        if may(action) { return }
        throw Problem(.forbidden, "A token of the role \(role.rawValue) \(refusal(of: action))")
    }

    private func refusal(of action: Action) -> String {
        let able = Role.allCases.filter { role in
            Principal(role: role, team: role == .team ? action.team : nil, name: name).may(action)
        }
        if able.contains(role) { return "may do this for its own team alone." }
        return "may not do this; \(Phrase.all(able.map(\.rawValue))) may."
    }

    /// The team a listing is limited to: the one asked for, or the only one this token may see.
    func visibleTeam(_ asked: String?) throws(Problem) -> String? {
        let team = asked ?? self.team
        try require(.read(team: team))
        return team
    }
}

extension Principal.Action {
    /// Whom the action concerns, where that is one team.
    fileprivate var team: String? {
        switch self {
        case .spend(let team), .report(let team), .read(let team), .change(let team), .changeBudgets(_, let team),
            .ask(let team):
            team
        case .readPrices, .importPrices, .changeCredits, .decideDisputes, .reverseUsage, .reconcile,
            .changeSharedAlerts,
            .move, .closeMonths, .administer:
            nil
        }
    }

    fileprivate func concernsOnly(_ own: String) -> Bool {
        switch self {
        case .spend(let team), .report(let team), .read(let team), .change(let team), .changeBudgets(_, let team):
            team == own
        case .ask(let team): team == nil || team == own
        case .readPrices: true
        case .importPrices, .changeCredits, .decideDisputes, .reverseUsage, .reconcile, .changeSharedAlerts, .move,
            .closeMonths, .administer:
            false
        }
    }
}
