/// Something about a budget that somebody wants to be told, once in each of its windows.
package struct BudgetAlert: Sendable, Equatable {
    package enum Cause: Sendable, Equatable {
        /// The spending has reached this share of the limit, as exact decimal text such as `0.8`.
        case crossed(threshold: String)
        /// A call was denied because too little was left.
        case denied
    }

    /// The unit of the budget's limit.
    package enum Unit: String, Sendable, CaseIterable {
        case usd
        case tokens
        case calls
    }

    package var cause: Cause
    package var budgetID: String
    /// Nil if the budget counts the calls of every team.
    package var team: String?
    /// For a budget with a `*` in its scope, the value that this window belongs to: `["run": "agent-7"]`.
    package var scopeValues: [String: String]
    package var windowStartSeconds: Int64
    /// When the window ends; nil where the period is `total`.
    package var resetsAtSeconds: Int64?
    /// Exact decimal text in the budget's unit.
    package var spent: String
    package var limit: String
    package var unit: Unit
    package var occurredAtSeconds: Int64

    package init(
        _ cause: Cause, budgetID: String, team: String?, scopeValues: [String: String] = [:],
        windowStartSeconds: Int64, resetsAtSeconds: Int64?, spent: String, limit: String, unit: Unit,
        occurredAtSeconds: Int64
    ) {
        self.cause = cause
        self.budgetID = budgetID
        self.team = team
        self.scopeValues = scopeValues
        self.windowStartSeconds = windowStartSeconds
        self.resetsAtSeconds = resetsAtSeconds
        self.spent = spent
        self.limit = limit
        self.unit = unit
        self.occurredAtSeconds = occurredAtSeconds
    }
}
