import Accounting
import Postgres

package struct Team: Sendable {
    /// What the team is called.
    package private(set) var name: String
    /// What it was called before, sorted.
    package private(set) var formerNames: [String] = []
    package let createdAt: Timestamp
    package let settings: Settings

    /// What is said of a team beside its names.
    package struct Settings: Sendable {
        /// What becomes of its holds that expire unsettled, where none of their budgets says more than `record`.
        package let unsettled: BudgetRules.Unsettled?
        /// Who answers for its spending.
        package let owner: String?
        /// What pays for it in the company's books.
        package let costCenter: String?
        /// What people call it, in statements.
        package let displayName: String?
    }

    /// Settings to change: nil leaves one as it is, nil within takes it away.
    package struct Patch: Sendable {
        package var unsettled: BudgetRules.Unsettled??
        package var owner: String??
        package var costCenter: String??
        package var displayName: String??

        package init() {}

        func applied(to old: Settings) -> Settings {
            Settings(
                unsettled: unsettled ?? old.unsettled, owner: owner ?? old.owner,
                costCenter: costCenter ?? old.costCenter, displayName: displayName ?? old.displayName)
        }
    }

    static let columns = "name, created_at, unsettled, owner, cost_center, display_name"

    /// As it was made.
    init(_ row: Row) throws {
        let (unsettled, owner, costCenter, displayName): (String?, String?, String?, String?)
        (name, createdAt, unsettled, owner, costCenter, displayName) = try row.decode(
            (String, Timestamp, String?, String?, String?, String?).self)
        settings = Settings(
            unsettled: unsettled.flatMap(BudgetRules.Unsettled.init), owner: owner, costCenter: costCenter,
            displayName: displayName)
    }

    func called(by names: TeamNames) -> Team {
        var team = self
        team.name = names.name(of: name)
        team.formerNames = names.formerNames(of: name)
        return team
    }
}
