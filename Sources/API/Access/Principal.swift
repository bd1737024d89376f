import Accounting
import Ledger

/// Who asks, by the token that came with the request.
struct Principal: Sendable {
    let role: Role
    /// The only team it may speak for; nil for any.
    let team: String?
    /// As it is written down beside what it changes.
    let name: String

    /// What somebody wants to do; a team is nil where it is about all of them.
    enum Action {
        /// Authorize, settle, void, report usage for a team.
        case spend(team: String?)
        /// Ask what a call would cost or be answered.
        case ask(team: String?)
        /// See a team's budgets, ladders, alerts, reports.
        case read(team: String?)
        case change(team: String?)
        case readPrices
        case importPrices
        case changeCredits
        case administer
    }

    func may(_ action: Action) -> Bool {
        switch (role, action) {
        case (.admin, _): true
        case (.router, .spend(let team)), (.router, .ask(let team)):
            self.team == nil || team == nil || team == self.team
        case (.team, .ask(let team)): team == nil || team == self.team
        case (.team, .read(let team)), (.team, .change(let team)): team != nil && team == self.team
        case (.finance, .read), (.finance, .importPrices), (.finance, .changeCredits), (.finance, .ask): true
        case (_, .readPrices): true
        default: false
        }
    }

    func require(_ action: Action) throws(Problem) {
        guard may(action) else {
            throw Problem(
                .forbidden, "A token of the role \(role.rawValue)\(team.map { " of \($0)" } ?? "") may not do this.")
        }
    }

    /// The team a listing is limited to: the one asked for, or the only one this token may see.
    func visibleTeam(_ asked: String?) throws(Problem) -> String? {
        let team = asked ?? (role == .team ? self.team : nil)
        try require(.read(team: team))
        return team
    }
}
