/// Charges that no hold has reserved. They are recorded in full, even if the budget has too little left.
extension AdmissionEngine {
    /// The windows that a call without authorization charges: one for each budget that counts it, at the time when the
    /// call happened.
    package mutating func charges(
        for who: Attribution, model: ModelName, cost: Money?, tokens: Int64, calls: Int64 = 1, occurredAt: Timestamp
    )
        -> [WindowCharge]
    {
        let spender = configuration.find(recorded: who, model, into: &matched.budgets)
        return matched.budgets.compactMap {
            unreserved($0.place, spender, model, cost, tokens, calls: calls, occurredAt)
        }
    }

    /// The windows that a cost correction changes by `difference`: those that the call charged in money, and those of
    /// budgets created later, which count the call in what was spent before their creation.
    package mutating func corrections(
        for who: Attribution, model: ModelName, difference: Money, charged: [(id: Int64, budgetNumber: Int64)],
        occurredAt: Timestamp, recordedAt: Timestamp
    ) -> [WindowCharge] {
        let spender = configuration.find(recorded: who, model, into: &matched.budgets)
        let since = matched.budgets.map(\.place).filter { place in
            let terms = configuration.scopes.terms[place]
            return terms.unit == .usd && !charged.contains { $0.budgetNumber == terms.number }
                && configuration.scopes.budgets[place].beganWith(recordedAt: recordedAt)
        }
        let earlier = charged.map {
            WindowCharge(
                target: .window($0.id), isCounted: true, spent: difference.nanodollars, leaseRelease: 0,
                leavesAt: configuration.scopes.budget($0.budgetNumber)?.leaves(spentAt: occurredAt))
        }
        return earlier + since.compactMap { unreserved($0, spender, model, difference, 0, occurredAt) }
    }

    /// Whether a budget that this version cannot read counts the call. This replica does not know what to charge it.
    package mutating func cannotCharge(_ who: Attribution, _ model: ModelName) -> Bool {
        let scopes = configuration.scopes
        if scopes.areAllReadable { return false }
        _ = configuration.find(recorded: who, model, into: &matched.budgets)
        return matched.budgets.contains { !scopes.terms[$0.place].isReadable }
    }

    /// The charge of a call to the window at `moment` of the budget at `place` in the scope index. Nil if the budget had no
    /// window then because it was created later.
    func unreserved(
        _ place: Int, _ spender: Configuration.Spender, _ model: ModelName, _ cost: Money?, _ tokens: Int64,
        calls: Int64 = 1, _ moment: Timestamp, spentAt: Timestamp? = nil
    ) -> WindowCharge? {
        let budget = configuration.scopes.budgets[place]
        let key = windowKey(ofBudgetAt: place, spender.who(in: budget.scope), model, at: moment)
        guard budget.hasWindow(key.span) else { return nil }
        return WindowCharge(
            target: accounts.windowID(of: key).map(WindowCharge.Target.window) ?? .unopened(key),
            isCounted: true, spent: Self.amount(cost, tokens, budget.unit, calls: calls), leaseRelease: 0, key: key,
            leavesAt: budget.leaves(spentAt: spentAt ?? moment))
    }

    /// An unpriced call charges no money yet: its cost is unknown and reported as unknown.
    package static func amount(_ cost: Money?, _ tokens: Int64, _ unit: Budget.Unit, calls: Int64 = 1) -> Int64 {
        switch unit {
        case .usd: cost?.nanodollars ?? 0
        case .tokens: tokens
        case .calls: calls
        }
    }
}
