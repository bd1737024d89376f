import Accounting
import JSON
import Wording

/// What somebody has set of a budget, in words, by its name in words.
struct BudgetSettings {
    private let values: [(name: String, value: String)]

    /// What a budget has beside its settings.
    private static let others: Set<String> = [
        "id", "version", "changed_at", "changed_by", "reason", "window_start", "resets_at", "values", "warnings",
    ]
    private static let amounts = ["spent_", "held_", "remaining_", "window_limit_", "carried_over_", "plan_"]

    /// Whether a field of a budget is something that somebody has set.
    static func isSetting(_ field: String) -> Bool {
        !others.contains(field) && !amounts.contains(where: field.hasPrefix)
    }

    init(of budget: JSONValue) {
        values = budget.fields.filter { Self.isSetting($0.name) }.map {
            (Self.name(of: $0.name), Self.words(for: $0.name, $0.value, of: budget))
        }
    }

    /// What there is, as `limit $500; enforcement hard; alerts 50%, 80%`, but for what `shown` names.
    func text(without shown: Set<String> = []) -> String {
        values.filter { $0.value != Self.none && !shown.contains($0.name) }.map { "\($0.name) \($0.value)" }
            .joined(separator: "; ")
    }

    /// What is another than before, as `limit $500 → $600; alerts none → 80%`; nil where nothing is.
    func changes(since before: BudgetSettings) -> String? {
        let names = before.values.map(\.name) + values.map(\.name).filter { before.value(of: $0) == nil }
        let changes = names.compactMap { name -> String? in
            let (old, new) = (before.value(of: name) ?? Self.none, value(of: name) ?? Self.none)
            return old == new ? nil : "\(name) \(old) → \(new)"
        }
        return changes.isEmpty ? nil : changes.joined(separator: "; ")
    }

    private func value(of name: String) -> String? { values.first { $0.name == name }?.value }

    private static let none = "none"

    private static func name(of field: String) -> String {
        switch field {
        case "alert_at": "alerts"
        case "downgrade_at": "downgrade"
        case _ where field.hasPrefix("limit_"): "limit"
        case _ where field.hasPrefix("allowance_"): "allowance"
        default: field.replacing("_", with: " ")
        }
    }

    /// What a budget has set of this; nil where it is the usual.
    static func words(for field: String, of budget: JSONValue) -> String? {
        guard let value = budget.field(field) else { return nil }
        let words = words(for: field, value, of: budget)
        return words == none ? nil : words
    }

    private static func words(for field: String, _ value: JSONValue, of budget: JSONValue) -> String {
        switch field {
        case "alert_at" where !Array(value.elements).isEmpty:
            value.elements.map { share($0) }.joined(separator: ", ")
        case "downgrade_at" where !value.isNull: share(value)
        case "limit_usd" where !value.isNull: Phrase.dollars(Cell(value).plain)
        case _ where field.hasPrefix("allowance_") && !value.isNull: amount(value, in: field)
        case _ where field.hasPrefix("limit_") && !value.isNull:
            "\(Phrase.number(value.source)) \(field.dropFirst("limit_".count))"
        case "period" where value.kind == .object:
            value.fields.map { "\($0.value.source) \($0.name)" }.joined()
        case "starts_on" where ["monday", "1"].contains(Cell(value).plain): none
        case "carry_over" where value.kind == .object:
            value.fields.map { "up to \(amount($0.value, in: $0.name))" }.joined()
        case "planned" where value.fields.contains { _ in true }:
            value.fields.map { "\($0.name) \(amount($0.value, in: unit(of: budget)))" }.joined(separator: ", ")
        case "pacing": value.bool == true ? "on" : none
        case "unsettled" where value.string == BudgetRules.Unsettled.record.rawValue: none
        case "scope": Column.scope.cell(budget).plain
        default: Cell(value).plain.isEmpty ? none : Cell(value).plain
        }
    }

    /// - Parameter field: a name that ends in the unit, such as `cap_usd`.
    private static func amount(_ value: JSONValue, in field: String) -> String {
        field.hasSuffix(Budget.Unit.usd.rawValue) ? Phrase.dollars(Cell(value).plain) : Phrase.number(value.source)
    }

    private static func unit(of budget: JSONValue) -> String { Budget.Unit(budget)?.rawValue ?? "" }

    private static func share(_ value: JSONValue) -> String { Phrase.share(value.source) }
}
