extension ScopeIndex {
    /// The windows at `moment` of the budgets that count a call of `who` on `model`, but for budgets created after these.
    package func windows(
        counting who: Attribution, _ model: ModelName, at moment: Timestamp
    ) -> [(key: WindowKey, budget: Budget)] {
        var found: [Match] = []
        find(who, model, into: &found)
        return found.compactMap { match in
            let budget = budgets[match.place]
            let span = budget.window(containing: moment)
            guard budget.whyUnreadable == nil, budget.hasWindow(span) else { return nil }
            let value = value(of: who, model, at: match.place)
            return (WindowKey(budgetNumber: budget.number, span: span, value: value), budget)
        }
    }
}
