/// What one replica knows of one window and may spend from it. Amounts are in the budget's unit.
///
/// Promise kept here: what is held never exceeds the lease where the budget is hard.
struct WindowAccount: Sendable {
    let windowID: Int64
    let budgetNumber: Int64
    let span: WindowSpan
    var limit: Int64
    /// Settled by all replicas, as PostgreSQL last said.
    var spent: Int64
    /// Leased to other replicas, dead ones included, as PostgreSQL last said.
    var leasedElsewhere: Int64
    /// The part of it that replicas had which no longer live, and when the first of it returns.
    var leasedByGone: Int64 = 0
    var goneReturnsAt: Timestamp?
    /// By how much the window's row has more spent and leased than its limit: after unsecured charges, or when the limit
    /// was lowered. Worked out from one state of the row, because what is in memory may be a commit behind it.
    var deficit: Int64
    /// Which change of the window's row this is from; later ones have higher numbers.
    var revision: Int64
    /// Granted to this replica and not yet charged.
    var lease: Int64 = 0
    /// Of the lease (or, on soft and shadow budgets, merely noted) set aside for calls in flight.
    var held: Int64 = 0
    /// The longest hold PostgreSQL knows this lease may have to outlive.
    var longestHoldSeconds: Int64 = 0
    /// How much more than needed to ask for next; follows the rate of spending.
    var headroom: Int64 = 0
    var lastAskedAt = Timestamp(seconds: 0)
    var lastUsedAt = Timestamp(seconds: 0)
    var isAskInFlight = false
    /// Whether the last grant fell short of the headroom asked for: single holds from here on.
    var isAtEdge = false
    /// Whether a call has been denied because not enough is left of this limit.
    var isExhausted = false
    /// Not once the desk has forgotten it.
    var isOpen = true
    /// Where another window of the same budget has its account.
    var next: Int?

    /// What no hold needs.
    var idle: Int64 { lease - held }
    /// What this replica could hold more of, as PostgreSQL last said, if it asked for all that nobody has.
    var obtainable: Int64 { limit - spent - leasedElsewhere - held }
    /// What another hold may take without asking: nothing that is already overdrawn.
    var free: Int64 { max(0, idle - deficit) }

    /// Whether nothing of this replica is in it, nor on its way.
    var isUnused: Bool { lease == 0 && held == 0 && !isAskInFlight }
    /// Whether more should be asked for before it is needed.
    var runsLow: Bool { !isAskInFlight && !isAtEdge && headroom > 0 && free < headroom / 2 }

    func hasBegun(by now: Timestamp) -> Bool { span.start <= now }
    func isOver(by now: Timestamp) -> Bool { span.end.map { $0 <= now } ?? false }

    /// Whether a hold of `amount` may be made without asking.
    func covers(_ amount: Int64, holdSeconds: Int64) -> Bool { free >= amount && longestHoldSeconds >= holdSeconds }

    mutating func learn(limit: Int64, spent: Int64, leased: Int64, revision: Int64) {
        guard revision > self.revision else { return }
        self.revision = revision
        if limit > self.limit { isExhausted = false }
        self.limit = limit
        self.spent = spent
        deficit = max(0, spent + leased - limit)
    }
}

/// A window by what it is rather than by its row: it may not have one yet.
package struct WindowKey: Hashable, Sendable {
    package let budgetNumber: Int64
    package let span: WindowSpan

    package init(budgetNumber: Int64, span: WindowSpan) {
        self.budgetNumber = budgetNumber
        self.span = span
    }
}
