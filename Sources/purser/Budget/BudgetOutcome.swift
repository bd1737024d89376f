import Accounting
import JSON
import Wording

/// How a budget stands in its current window, in words.
struct BudgetOutcome {
    private let budget: JSONValue
    private let added: Int64

    /// - Parameter added: what its limit is to be changed by.
    init(of budget: JSONValue, adding added: Int64 = 0) {
        self.budget = budget
        self.added = added
    }

    /// Tells what has changed of a budget, and what that means for calls now.
    static func tell(_ id: String, from before: JSONValue?, to after: JSONValue) {
        guard let before else {
            let outcome = BudgetOutcome(of: after)
            if outcome.isUsedUp, let text = outcome.text { StandardError.writeLine("\(id): \(text)") }
            return
        }
        guard let change = BudgetSettings(of: after).changes(since: BudgetSettings(of: before)) else {
            return
        }
        StandardError.writeLine("\(id): \(change)")
        if let text = BudgetOutcome(of: after).text { StandardError.writeLine(text) }
    }

    private var isUsedUp: Bool {
        guard let unit = Budget.Unit(budget), budget["values"] == nil else { return false }
        return (unit.amount("spent", of: budget) ?? 0) >= limit(in: unit)
    }

    /// Such as `Spent $312 of $700, 44%.`; nil where the budget has a window for each value.
    var text: String? {
        share.map { "S\($0.dropFirst())\(outcome(!isUsedUp))." }
    }

    /// Such as `spent $312 of $700, 44%`.
    var share: String? {
        guard let unit = Budget.Unit(budget), budget["values"] == nil else { return nil }
        let (spent, limit) = ((unit.amount("spent", of: budget) ?? 0), limit(in: unit))
        let share = limit > 0 ? ", \(Int128(spent) * 100 / Int128(limit))%" : ""
        return "spent \(unit.phrase(spent)) of \(unit.phrase(limit))\(share)"
    }

    private func limit(in unit: Budget.Unit) -> Int64 {
        (unit.amount("window_limit", of: budget) ?? 0).addingReportingOverflow(added).partialValue
    }

    private func outcome(_ isLeft: Bool) -> String {
        if isLeft { return "" }
        let end = budget["resets_at"]?.string.map { " until \(Phrase.time($0))" } ?? ""
        return switch budget["enforcement"]?.string {
        case Budget.Enforcement.hard.rawValue: ": calls are denied\(end)"
        case Budget.Enforcement.soft.rawValue: ": calls are warned of\(end)"
        default: ""
        }
    }

    /// The limit of the current window, as people read it.
    var limit: String? { Budget.Unit(budget).map { $0.phrase(limit(in: $0)) } }
}
