import Accounting
import JSON
import Ledger

/// The body of `PATCH /v1/budgets/{id}`: the fields of a budget that it names, and no others.
struct BudgetPatch {
    private let json: JSONValue

    init(_ json: JSONValue) { self.json = json }

    /// The budget as the patch leaves it. A field that is null goes back to what it is where nobody sets it.
    func draft(of budget: Budget) throws(JSONFailure) -> BudgetDraft {
        guard json.kind == .object else {
            throw .invalid([FieldError(pointer: "", detail: "must be an object")])
        }
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
            for (name, value) in json.fields {
                writer.name(of: name)
                writer.verbatim(value.source)
            }
        }
        return try BudgetDraft(id: budget.id, JSONDocument(merged.bytes).root)
    }
}
