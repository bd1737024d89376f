import Accounting
import Postgres

/// A change of a budget that is to be made at a time to come.
package struct PlannedChange: Sendable {
    package enum State: String, Sendable {
        case planned, made
        /// It could not be made any more: the budget's owner is another, say.
        case failed
        case withdrawn
    }

    package let number: Int64
    /// JSON: what it changes and nothing else.
    package let content: String
    package let effectiveAt: Timestamp
    package let state: State
    package let madeBy: String
    package let madeAt: Timestamp
    /// Of the budget as the change left it.
    package let version: Int64?
    package let whyFailed: String?
    package let withdrawnBy: String?
    let mayChange: Set<Budget.Owner>

    static let columns =
        "change_id, content, effective_at, state, made_by, made_at, version, why_failed, withdrawn_by, may_change"

    init(_ row: Row) throws {
        let word: String
        let owners: [String]
        (number, content, effectiveAt, word, madeBy, madeAt, version, whyFailed, withdrawnBy, owners) = try row.decode(
            (Int64, String, Timestamp, String, String, Timestamp, Int64?, String?, String?, [String]).self)
        state = State(rawValue: word) ?? .failed
        mayChange = Set(owners.compactMap(Budget.Owner.init(rawValue:)))
    }
}

/// Reads what planned changes say, and renders budgets for their history.
package struct BudgetReading: Sendable {
    /// The budget as the content of a change leaves it.
    let draft: @Sendable (Budget, _ content: String) throws -> BudgetDraft
    let content: @Sendable (Budget) -> String
    /// Why a change cannot be made, for people.
    let words: @Sendable (any Error) -> String

    package init(
        draft: @escaping @Sendable (Budget, _ content: String) throws -> BudgetDraft,
        content: @escaping @Sendable (Budget) -> String, words: @escaping @Sendable (any Error) -> String
    ) {
        self.draft = draft
        self.content = content
        self.words = words
    }
}
