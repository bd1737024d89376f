/// The spending in a budget's window has passed one of the shares of the limit at which the team wants an alert.
package struct BudgetCrossing: Sendable, Equatable {
    /// The unit of the budget's limit.
    package enum Unit: String, Sendable, CaseIterable {
        case usd
        case tokens
        case calls
    }

    package var budgetID: String
    package var team: String
    /// For a budget with a `*` in its scope, the value that this window belongs to: `["run": "agent-7"]`.
    package var scopeValues: [String: String]
    package var windowStartSeconds: Int64
    /// When the window ends; nil where the period is `total`.
    package var resetsAtSeconds: Int64?
    /// The share of the limit, as exact decimal text such as `0.8`.
    package var threshold: String
    /// Exact decimal text in the budget's unit.
    package var spent: String
    package var limit: String
    package var unit: Unit
    package var crossedAtSeconds: Int64

    package init(
        budgetID: String, team: String, scopeValues: [String: String] = [:], windowStartSeconds: Int64,
        resetsAtSeconds: Int64?, threshold: String, spent: String, limit: String, unit: Unit, crossedAtSeconds: Int64
    ) {
        self.budgetID = budgetID
        self.team = team
        self.scopeValues = scopeValues
        self.windowStartSeconds = windowStartSeconds
        self.resetsAtSeconds = resetsAtSeconds
        self.threshold = threshold
        self.spent = spent
        self.limit = limit
        self.unit = unit
        self.crossedAtSeconds = crossedAtSeconds
    }
}
