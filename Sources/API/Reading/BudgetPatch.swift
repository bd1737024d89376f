import Accounting
import JSON
import Ledger

/// The body of `PATCH /v1/budgets/{id}`: the fields of a budget that it names, and no others.
struct BudgetPatch {
    private static let mostDaysAhead: Int64 = 400
    private static let effectiveFrom = "effective_from"

    private let json: JSONValue

    init(_ json: JSONValue) throws(JSONFailure) {
        guard json.kind == .object else {
            throw .invalid([FieldError(pointer: "", detail: "must be an object")])
        }
        self.json = json
    }

    /// When the change is to be made; nil if at once.
    func effectiveFrom(at now: Timestamp) throws(JSONFailure) -> Timestamp? {
        guard let value = json["effective_from"], !value.isNull else { return nil }
        guard let moment = Field.time(value), moment > now,
            moment <= now.adding(seconds: Self.mostDaysAhead * 86_400)
        else {
            let detail = "must be \(Field.timeExpectation), to come within \(Self.mostDaysAhead) days"
            throw .invalid([FieldError(pointer: "/\(Self.effectiveFrom)", detail: detail)])
        }
        return moment
    }

    /// What is to be changed, without when, and with the team as it was made.
    func content(_ names: TeamNames) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            for (name, value) in json.fields where name != Self.effectiveFrom {
                writer.setting(name, value) { names.team(named: $0) }
            }
        }
        return writer.text
    }

    /// The budget as the patch leaves it. A field that is null goes back to what it is where nobody sets it.
    func draft(of budget: Budget) throws(JSONFailure) -> BudgetDraft {
        var known = JSONWriter()
        known.object { budget.writeDraft(to: &$0) }
        let names = Set(json.fields.map(\.name))
        if let other = names.first(where: { $0.hasPrefix("limit_") && $0 != "limit_\(budget.unit.rawValue)" }) {
            throw .invalid([
                FieldError(
                    pointer: "/\(other)", detail: "cannot change: the budget's limit is in \(budget.unit.rawValue)")
            ])
        }
        var merged = JSONWriter()
        let before = try JSONDocument(known.bytes).root
        merged.object { writer in
            for (name, value) in before.fields
            where !names.contains(name) {
                writer.name(of: name)
                writer.verbatim(value.source)
            }
            for (name, value) in json.fields where name != Self.effectiveFrom {
                writer.name(of: name)
                writer.verbatim(value.source)
            }
        }
        return try BudgetDraft(id: budget.id, JSONDocument(merged.bytes).root)
    }
}
