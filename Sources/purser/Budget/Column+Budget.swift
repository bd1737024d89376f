import Accounting
import JSON
import Wording

extension Column {
    /// The columns of a budget.
    static let budget: [Column] = [
        .text("id"), .text("version", isWide: true), scope, setting("period", isWide: false), setting("starts_on"),
        .text("time_zone", isWide: true), .text("enforcement", title: "MODE"), .text("unpriced", isWide: true),
        Column("unit", isWide: true) { .text(Budget.Unit($0)?.rawValue ?? "") },
        limit("limit", title: "LIMIT SET", isWide: true), limit("window_limit", title: "LIMIT"), inUnit("spent"),
        inUnit("held"), inUnit("remaining"), inUnit("carried_over", isWide: true), inUnit("plan", isWide: true),
        shares("downgrade_at"), shares("alert_at"), setting("carry_over"), setting("planned"), setting("pacing"),
        setting("unsettled"), inUnit("allowance", isWide: true),
        .time("window_start", isWide: true), .end("resets_at", title: "RESETS"),
    ]

    /// A setting in the words of the history; absent where it is the usual one.
    private static func setting(_ name: String, isWide: Bool = true) -> Column {
        Column(name, isWide: isWide) { BudgetSettings.words(for: name, of: $0).map(Cell.text) ?? .absent }
    }

    /// The columns of one version of a budget, without what was spent in its windows. Of what can change, people are told
    /// the change.
    static let budgetVersion: [Column] = [
        .text("version"), .time("changed_at", title: "CHANGED"), .text("changed_by", title: "BY"), scope,
        setting("period", isWide: false), .text("time_zone", isWide: true), .text("enforcement", isWide: true),
        .text("unpriced", isWide: true),
        Column("unit", isWide: true) { .text(Budget.Unit($0)?.rawValue ?? "") }, limit("limit", isWide: true),
        shares("downgrade_at"), shares("alert_at"),
    ]

    static var scope: Column {
        Column("scope") { budget in
            guard let scope = budget["scope"], !scope.isNull else { return .absent }
            let parts = scope.fields.filter { !$0.value.isNull }.flatMap { field -> [String] in
                guard field.value.kind == .object else { return ["\(field.name)=\(Cell(field.value).plain)"] }
                return field.value.fields.map { "\(field.name).\($0.name)=\(Cell($0.value).plain)" }
            }
            return .text(parts.isEmpty ? "everyone" : parts.joined(separator: " "))
        }
    }

    /// A limit, with its unit where it is not money. What has no window yet is shown with the limit that it sets.
    private static func limit(_ name: String, title: String? = nil, isWide: Bool = false) -> Column {
        Column(name, title: title, isWide: isWide) { budget in
            guard let unit = Budget.Unit(budget) else { return .absent }
            let value = budget.field("\(name)_\(unit.rawValue)") ?? budget.field("limit_\(unit.rawValue)")
            if unit == .usd { return Cell(value, text: Cell.amount) }
            return .count(Cell(value).plain, of: unit.rawValue)
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

    /// An amount of a budget in this unit, such as `spent`; nil where the object has none.
    func amount(_ name: String, of budget: JSONValue) -> Int64? {
        guard let value = budget.field("\(name)_\(rawValue)") else { return nil }
        return self == .usd ? value.string.flatMap { Money(usd: $0)?.nanodollars } : value.integer
    }
}
