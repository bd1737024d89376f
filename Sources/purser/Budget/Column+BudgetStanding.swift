import Accounting
import JSON

extension Column {
    /// The columns of budgets in a list: what each is, then how far it is through its limit and its window.
    ///
    /// What is told first when a terminal is too narrow is what the other columns say as well.
    static func budgets(_ budgets: [JSONValue], at now: Timestamp) -> [Column] {
        let owner: [Column] = budgets.contains { $0["owner"] != nil } ? [.text("owner").spared(4)] : []
        return budget.map { column in sparedOrder[column.name].map(column.spared) ?? column } + owner + [
            share("used_percent", title: "USED") {
                BudgetStanding($0, at: now)?.used
            } level: {
                BudgetStanding($0, at: now)?.level
            },
            share("elapsed_percent", title: "ELAPSED") { BudgetStanding($0, at: now)?.elapsed }.spared(1),
            bar(at: now).spared(2),
        ]
    }

    private static let sparedOrder = ["scope": 8, "period": 7, "held": 6, "remaining": 5, "enforcement": 3]

    private static func share(
        _ name: String, title: String, _ share: @escaping @Sendable (JSONValue) -> Fraction?,
        level: @escaping @Sendable (JSONValue) -> Level? = { _ in nil }
    ) -> Column {
        Column(name, title: title) { budget in
            share(budget).map { .share(Cell.percent($0), level(budget)) } ?? .absent
        }
    }

    private static func bar(at now: Timestamp) -> Column {
        Column("bar", title: "", isDrawn: true) { budget in
            guard let standing = BudgetStanding(budget, at: now), let used = standing.used else { return .absent }
            return .bar(used, standing.level)
        }
    }
}
