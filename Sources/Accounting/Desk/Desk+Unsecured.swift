/// Charges that no hold has secured: they are recorded in full, whatever is left.
extension Desk {
    /// The windows a call charges that was never authorized: every budget that counts it, as of when it happened.
    package mutating func charges(
        for who: Attribution, model: ModelName, cost: Money?, tokens: Int64, occurredAt: Timestamp
    )
        -> [WindowCharge]
    {
        configuration.scopes.find(who, model, into: &counting.budgets)
        return counting.budgets.compactMap {
            unsecured(configuration.scopes.budgets[$0], cost, tokens, occurredAt)
        }
    }

    /// The windows that a corrected cost changes by `difference`: those that the call charged in money, and those of
    /// budgets made since, which have counted it among what was spent before them.
    package mutating func corrections(
        for who: Attribution, model: ModelName, difference: Money, charged: [(id: Int64, budgetNumber: Int64)],
        occurredAt: Timestamp
    ) -> [WindowCharge] {
        configuration.scopes.find(who, model, into: &counting.budgets)
        let since = counting.budgets.map { configuration.scopes.budgets[$0] }.filter { budget in
            budget.unit == .usd && !charged.contains { $0.budgetNumber == budget.number }
        }
        let earlier = charged.map {
            WindowCharge(
                target: .window($0.id), isCounted: true, spent: difference.nanodollars, leaseRelease: 0)
        }
        return earlier + since.compactMap { unsecured($0, difference, 0, occurredAt) }
    }

    /// Nil where the budget had no window then, since it was made later.
    func unsecured(
        _ budget: Budget, _ cost: Money?, _ tokens: Int64, _ occurredAt: Timestamp
    ) -> WindowCharge? {
        let key = WindowKey(budgetNumber: budget.number, span: budget.window(containing: occurredAt))
        guard budget.hasWindow(key.span) else { return nil }
        return WindowCharge(
            target: accounts.windowID(of: key).map(WindowCharge.Target.window) ?? .unopened(key),
            isCounted: true, spent: Self.amount(cost, tokens, budget.unit), leaseRelease: 0)
    }

    /// An unpriced call charges no money yet: what it cost is unknown and told as such.
    static func amount(_ cost: Money?, _ tokens: Int64, _ unit: Budget.Unit) -> Int64 {
        switch unit {
        case .usd: cost?.nanodollars ?? 0
        case .tokens: tokens
        case .calls: 1
        }
    }
}
