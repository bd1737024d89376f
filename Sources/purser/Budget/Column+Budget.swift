import Accounting
import JSON
import Wording

extension Column {
    /// The columns of a budget.
    static let budget: [Column] = [
        .text("id"), .text("version", isWide: true), scope, .text("period"), .text("time_zone", isWide: true),
        .text("enforcement", title: "MODE"), .text("unpriced", isWide: true),
        Column("unit", isWide: true) { .text(Budget.Unit($0)?.rawValue ?? "") }, limit(), inUnit("spent"),
        inUnit("held"),
        inUnit("remaining"), shares("downgrade_at"),
        shares("alert_at"), .time("window_start", isWide: true), .end("resets_at", title: "RESETS"),
    ]

    /// The columns of one version of a budget, without what was spent in its windows. Of what can change, people are told
    /// the change.
    static let budgetVersion: [Column] = [
        .text("version"), .time("changed_at", title: "CHANGED"), .text("changed_by", title: "BY"), scope,
        .text("period"), .text("time_zone", isWide: true), .text("enforcement", isWide: true),
        .text("unpriced", isWide: true),
        Column("unit", isWide: true) { .text(Budget.Unit($0)?.rawValue ?? "") }, limit(isWide: true),
        shares("downgrade_at"), shares("alert_at"),
    ]

    static var scope: Column {
        Column("scope") { budget in
            guard let scope = budget["scope"], !scope.isNull else { return .absent }
            let parts = scope.fields.filter { !$0.value.isNull }.flatMap { field -> [String] in
                guard field.value.kind == .object else { return ["\(field.name)=\(Cell(field.value).plain)"] }
                return field.value.fields.map { "\(field.name).\($0.name)=\(Cell($0.value).plain)" }
            }
            return .text(parts.joined(separator: " "))
        }
    }

    /// The limit, with its unit where it is not money.
    private static func limit(isWide: Bool = false) -> Column {
        Column("limit", isWide: isWide) { budget in
            guard let unit = Budget.Unit(budget), unit != .usd else { return inUnit("limit").cell(budget) }
            return .count(Cell(budget.field("limit_\(unit.rawValue)")).plain, of: unit.rawValue)
        }
    }

    /// An amount in the unit of the budget's limit.
    static func inUnit(_ name: String, isWide: Bool = false) -> Column {
        Column(name, isWide: isWide) { budget in
            guard let unit = Budget.Unit(budget) else { return .absent }
            return Cell(budget.field("\(name)_\(unit.rawValue)"), text: Cell.amount, number: { .count($0) })
        }
    }

    private static func shares(_ name: String) -> Column {
        Column(name, isWide: true) { budget in
            guard let value = budget.field(name), !value.isNull else { return .absent }
            let shares = value.kind == .array ? Array(value.elements) : [value]
            guard !shares.isEmpty else { return .absent }
            return .text(shares.map { Phrase.share($0.source) }.joined(separator: " "))
        }
    }
}

extension Budget.Unit {
    /// The unit of the limit in an API object; nil where the object has no limit.
    init?(_ budget: JSONValue) {
        let unit = Self.allCases.first { budget.field("limit_\($0.rawValue)").map { !$0.isNull } ?? false }
        guard let unit else { return nil }
        self = unit
    }
}
