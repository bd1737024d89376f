/// The answer to one call. A class, since it is kept with its hold: who asks again gets the same one.
package final class Verdict: Sendable {
    package enum Kind: String, Sendable { case admit, downgrade, deny }

    package let kind: Kind
    package let requestID: String
    /// The model to call; nil on a deny.
    package let model: ModelName?
    /// The worst case of `model`, or of the requested model on a deny; nil where it has no price.
    package let estimate: Money?
    /// Nil on a deny and on a dry run.
    package let hold: Hold?
    package let expiresAt: Timestamp?
    /// Nil on an admit.
    package let reason: Reason?
    /// Every budget that counts the call, by number, as it stands after this verdict.
    package let budgets: [BudgetState]
    package let warnings: [String]

    init(
        kind: Kind, requestID: String, model: ModelName?, estimate: Money?, hold: Hold?, expiresAt: Timestamp?,
        reason: Reason?, budgets: [BudgetState], warnings: [String]
    ) {
        self.kind = kind
        self.requestID = requestID
        self.model = model
        self.estimate = estimate
        self.hold = hold
        self.expiresAt = expiresAt
        self.reason = reason
        self.budgets = budgets
        self.warnings = warnings
    }
}

/// How one budget stands in its current window.
package struct BudgetState: Sendable {
    package let budget: Budget
    package let span: WindowSpan
    /// All in the budget's unit.
    package let limit: Int64
    package let spent: Int64
    /// By calls in flight here, and by what replicas had leased that no longer live.
    package let held: Int64
    /// Which change of the window's row this is from.
    package let revision: Int64

    /// Negative where more came in than the limit.
    package var remaining: Int64 { limit - spent - held }
}
