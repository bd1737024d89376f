import Accounting
import JSON

/// What a request would make of a budget that is there.
struct BudgetDifference {
    private let id: String
    private let before: JSONValue
    private let after: JSONValue

    /// What no request changes.
    private static let fixed: Set<String> = ["scope", "period", "starts_on", "time_zone", "owner"]

    /// The body of a PATCH, which changes what it names.
    init(of before: JSONValue, changedBy body: RequestBody) throws(CommandFailure) {
        try self.init(of: before, body) { _ in true }
    }

    /// The body of a PUT, which drops what it does not name.
    init(of before: JSONValue, replacedBy body: RequestBody) throws(CommandFailure) {
        try self.init(of: before, body, keeps: Self.fixed.contains)
    }

    /// The settings that the server would give it.
    init(of before: JSONValue, becoming after: Answer) throws(CommandFailure) {
        self.before = before
        id = Cell(before["id"]).plain
        self.after = try after.json()
    }

    private init(of before: JSONValue, _ body: RequestBody, keeps: (String) -> Bool) throws(CommandFailure) {
        self.before = before
        id = Cell(before["id"]).plain
        var writer = JSONWriter()
        let draft = try Answer(status: 200, bytes: body.bytes).json()
        let names = Set(draft.fields.map(\.name))
        writer.object { writer in
            for (name, value) in before.fields where keeps(name) && !names.contains(name) {
                writer.name(of: name)
                writer.verbatim(value.source)
            }
            for (name, value) in draft.fields {
                writer.name(of: name)
                writer.verbatim(value.source)
            }
            if !keeps("limit_usd") {
                if !names.contains("enforcement") { writer.field("enforcement", Budget.Enforcement.hard.rawValue) }
                if !names.contains("unpriced") { writer.field("unpriced", Budget.Unpriced.deny.rawValue) }
            }
        }
        after = try Answer(status: 200, bytes: writer.bytes).json()
    }

    /// Such as `limit $500 → $700`; nil where nothing changes.
    var text: String? { BudgetSettings(of: after).changes(since: BudgetSettings(of: before)) }

    /// How the open window stands with the new limit, such as `spent $312 of $700, 44%`.
    var standing: String? {
        guard let unit = Budget.Unit(before), Budget.Unit(after) == unit else { return nil }
        let added = amount(after.field("limit_\(unit.rawValue)"), unit)
            .subtractingReportingOverflow(amount(before.field("limit_\(unit.rawValue)"), unit)).partialValue
        return BudgetOutcome(of: before, adding: added).share
    }

    /// Whether a hard budget allows more afterwards than before.
    var loosens: Bool {
        guard before["enforcement"]?.string == Budget.Enforcement.hard.rawValue, let unit = Budget.Unit(before) else {
            return false
        }
        return after["enforcement"]?.string != Budget.Enforcement.hard.rawValue
            || admitsUnpriced(after) && !admitsUnpriced(before)
            || isOfCompany(before) && !isOfCompany(after)
            || carried(after, unit) > carried(before, unit)
            || allowance(after, unit) > allowance(before, unit)
            || limits(after, unit).contains { month, limit in limit > self.limit(before, month, unit) }
            || limits(before, unit).contains { month, limit in self.limit(after, month, unit) > limit }
    }

    /// What to ask before it is done.
    var question: String { "\(id) is a hard budget: \(text ?? "nothing changes"). Do it?" }

    private func admitsUnpriced(_ budget: JSONValue) -> Bool {
        budget["unpriced"]?.string == Budget.Unpriced.admit.rawValue
    }

    private func isOfCompany(_ budget: JSONValue) -> Bool {
        budget["owner"]?.string == Budget.Owner.company.rawValue
    }

    private func carried(_ budget: JSONValue, _ unit: Budget.Unit) -> Int64 {
        switch budget["carry_over"]?.string {
        case "all": .max
        case "none": 0
        default: amount(budget["carry_over"]?.field("cap_\(unit.rawValue)"), unit)
        }
    }

    private func allowance(_ budget: JSONValue, _ unit: Budget.Unit) -> Int64 {
        amount(budget.field("allowance_\(unit.rawValue)"), unit)
    }

    /// By month, those that are planned, and by an empty text that of all others.
    private func limits(_ budget: JSONValue, _ unit: Budget.Unit) -> [String: Int64] {
        var limits = ["": amount(budget.field("limit_\(unit.rawValue)"), unit)]
        for (month, limit) in budget["planned"]?.fields.map({ $0 }) ?? [] { limits[month] = amount(limit, unit) }
        return limits
    }

    private func limit(_ budget: JSONValue, _ month: String, _ unit: Budget.Unit) -> Int64 {
        let limits = limits(budget, unit)
        return limits[month] ?? limits[""] ?? 0
    }

    private func amount(_ value: JSONValue?, _ unit: Budget.Unit) -> Int64 {
        unit == .usd ? value?.string.flatMap(Money.init(usd:))?.nanodollars ?? 0 : value?.integer ?? 0
    }
}
