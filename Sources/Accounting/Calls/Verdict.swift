/// The answer to one call. A class, because it is kept with its hold: a repeated request gets the same verdict.
package final class Verdict: Sendable {
    package enum Kind: String, Sendable { case admit, downgrade, deny }

    package let kind: Kind
    package let requestID: String
    /// The model to call; nil on a deny.
    package let model: ModelName?
    /// The worst case on `model`, or on the requested model for a deny; nil if that model has no price.
    package let estimate: Money?
    /// Nil on a deny and on a dry run.
    package let hold: Hold?
    package let expiresAt: Timestamp?
    /// Nil on an admit.
    package let reason: Reason?
    /// Every budget that counts the call, ordered by number, in its state after this verdict.
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

/// The state of one budget in its current window.
package struct BudgetState: Sendable {
    package let budget: Budget
    package let span: WindowSpan
    /// All in the budget's unit.
    package let limit: Int64
    package let spent: Int64
    /// Held for calls in flight on this replica, plus what replicas that are gone had leased.
    package let held: Int64
    /// The revision of the window's row that these figures come from.
    package let revision: Int64

    /// Negative if more was spent or held than the limit.
    package var remaining: Int64 { limit.minus(spent).minus(held) }
}
