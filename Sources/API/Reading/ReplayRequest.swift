import Accounting
import JSON
import Ledger

/// The body of `POST /v1/replays`: budgets to try, and the time whose calls they are tried on.
struct ReplayRequest: Sendable {
    let budgets: [BudgetDraft]
    let span: Range<Timestamp>

    static let maximumBudgets = 10_000
    static let maximumDays: Int64 = 400
    private static let momentExpectation = "a day, such as 2026-10-01, or a time on a quarter of an hour"

    /// - Parameter configuration: says what names mean, and in which zone days begin.
    init(_ json: JSONValue, in configuration: Configuration) throws(JSONFailure) {
        let zone = configuration.accountingZone
        func moment(_ value: JSONValue) -> Timestamp? {
            (Field.day(value).map(zone.start) ?? Field.time(value)).flatMap {
                BudgetSpending.isKnown(at: $0) ? $0 : nil
            }
        }
        var fields = JSONFields(json)
        let entries = fields.required("budgets", "a list of 1 to \(Self.maximumBudgets) budgets") { value in
            let entries = value.kind == .array ? Array(value.elements.prefix(Self.maximumBudgets + 1)) : []
            return (1...Self.maximumBudgets).contains(entries.count) ? entries : nil
        }
        let from = fields.required("from", Self.momentExpectation, moment)
        let to = fields.required("to", Self.momentExpectation, moment)
        if let from, let to {
            if to <= from { fields.refuse("to", "must be later than from") }
            if to > from.adding(seconds: Self.maximumDays * 86_400) {
                fields.refuse("to", "must be at most \(Self.maximumDays) days later than from")
            }
        }
        var budgets: [BudgetDraft] = []
        for (index, entry) in (entries ?? []).enumerated() {
            do throws(JSONFailure) {
                budgets.append(try BudgetDraft(named: entry, pointer: "/budgets/\(index)") { configuration.meant($0) })
            } catch {
                if case .invalid(let errors) = error { fields.refuse(errors) }
            }
        }
        var ids: Set<String> = []
        for (index, budget) in budgets.enumerated() where !ids.insert(budget.id).inserted {
            fields.refuse([FieldError(pointer: "/budgets/\(index)/id", detail: "is given twice")])
        }
        try fields.finish()
        self.budgets = budgets
        span = from!..<to!
    }
}
