import Accounting

/// A budget as requested, before it is stored.
package struct BudgetDraft: Sendable {
    package let id: String
    package let scope: Scope
    package let period: Period
    package let zone: Zone
    package let unit: Budget.Unit
    package let limit: Int64
    package let enforcement: Budget.Enforcement
    package let unpriced: Budget.Unpriced
    package let downgradeAt: Fraction?
    package let alertAt: [Fraction]
    /// Nil leaves it as it is: the team, if the budget is new.
    package let owner: Budget.Owner?
    package let rules: BudgetRules
    /// Why it is made or changed, for its history.
    package let reason: String?

    package init(
        id: String, scope: Scope, period: Period, zone: Zone, unit: Budget.Unit, limit: Int64,
        enforcement: Budget.Enforcement, unpriced: Budget.Unpriced = .deny, downgradeAt: Fraction?, alertAt: [Fraction],
        owner: Budget.Owner? = nil, rules: BudgetRules = .usual, reason: String? = nil
    ) {
        self.id = id
        self.scope = scope
        self.period = period
        self.zone = zone
        self.unit = unit
        self.limit = limit
        self.enforcement = enforcement
        self.unpriced = unpriced
        self.downgradeAt = downgradeAt
        self.alertAt = alertAt
        self.owner = owner
        self.rules = rules
        self.reason = reason
    }
}
