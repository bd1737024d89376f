import Accounting
import JSON

extension Column {
    /// The columns of budgets in a list: what each is, then how far it is through its limit and its window.
    ///
    /// What is told first when a terminal is too narrow is what the other columns say as well.
    static func budgets(_ budgets: [JSONValue], at now: Timestamp) -> [Column] {
        let owner: [Column] = budgets.contains { $0["owner"] != nil } ? [.text("owner").spared(4)] : []
        let plan: [Column] =
            budgets.contains { BudgetStanding($0, at: now)?.aheadOfPlan != nil } ? [ahead(at: now)] : []
        return budget.map { column in sparedOrder[column.name].map(column.spared) ?? column } + owner + plan + [
            used(at: now), elapsed(at: now).spared(1), bar(at: now).spared(2),
        ]
    }

    private static let sparedOrder = ["scope": 8, "period": 7, "held": 6, "remaining": 5, "enforcement": 3]

    private static func ahead(at now: Timestamp) -> Column {
        Column("ahead_of_plan", title: "AHEAD OF PLAN", isWide: true) { budget in
            guard let standing = BudgetStanding(budget, at: now), let ahead = standing.aheadOfPlan else {
                return .absent
            }
            let text = standing.unit.text(ahead)
            return standing.unit == .usd ? .amount(text) : .count(text)
        }
    }

    static func used(at now: Timestamp) -> Column {
        Column("used_percent", title: "USED") { budget in
            guard let standing = BudgetStanding(budget, at: now), let used = standing.used else { return .absent }
            return .share(Cell.percent(used), standing.level)
        }
    }

    static func elapsed(at now: Timestamp) -> Column {
        Column("elapsed_percent", title: "ELAPSED") { budget in
            (BudgetStanding(budget, at: now)?.elapsed).map { .share(Cell.percent($0)) } ?? .absent
        }
    }

    static func bar(at now: Timestamp) -> Column {
        Column("bar", title: "", isDrawn: true) { budget in
            guard let standing = BudgetStanding(budget, at: now), let used = standing.used else { return .absent }
            return .bar(used, standing.level)
        }
    }
}
