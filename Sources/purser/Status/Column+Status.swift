import Accounting
import JSON
import Wording

extension Column {
    /// The columns of a budget on the status screen: how far it is, and how its window will end.
    static func budgetStatus(at now: Timestamp) -> [Column] {
        let own = budget.filter { ["id", "spent", "window_limit"].contains($0.name) }
        let order = ["spent": 5, "window_limit": 4]
        let columns = own.map { column in order[column.name].map(column.spared) ?? column }
        return [columns[0], bar(at: now).spared(3)] + [used(at: now), elapsed(at: now)] + columns.dropFirst() + [
            atEnd.spared(2), outlook(at: now),
        ]
    }

    private static let atEnd = Column("forecast", title: "AT END") { budget in
        guard let unit = Budget.Unit(budget), let forecast = budget["forecast"] else { return .absent }
        return Cell(forecast.field("spent_\(unit.rawValue)"), text: Cell.amount, number: { .count($0) })
    }

    private static func outlook(at now: Timestamp) -> Column {
        Column("outlook") { .text(outlook(of: $0, at: now)) }
    }

    /// How the window will end, as far as that is known.
    static func outlook(of budget: JSONValue, at now: Timestamp) -> String {
        let standing = BudgetStanding(budget, at: now)
        if standing?.level == .full { return "used up" }
        if let standing, let ahead = standing.aheadOfPlan {
            let amount = standing.unit == .usd ? Phrase.cents(standing.unit.text(ahead)) : standing.unit.phrase(ahead)
            return "ahead of plan by \(amount)"
        }
        switch budget["forecast"]?["course"]?.string {
        case "lasts": return "lasts"
        case "runs_dry": return "runs dry on \(Phrase.day(budget["forecast"]?["runs_dry_on"]?.string ?? ""))"
        default: return "too early to say"
        }
    }

    /// The columns of those that cost most.
    static func spender(_ field: String, title: String) -> [Column] {
        [
            Column(field, title: title) { spender in
                let name = Cell(spender.field(field))
                return name == .absent ? .text("(none)") : name
            },
            .amount("cost_usd", title: "COST"),
            Column("share") { spender in
                guard let share = (spender["share"]?.source).flatMap({ Fraction(decimal: $0) }) else { return .absent }
                return .share(Cell.percent(share))
            },
            .count("calls"),
        ]
    }
}
