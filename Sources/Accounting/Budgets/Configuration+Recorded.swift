/// Budgets of calls that are recorded: those that were authorized some time ago, or never.
///
/// A call of a feature that was moved since stays where it was made. Budgets that name its feature have gone with the
/// feature, and count it all the same.
extension Configuration {
    /// Whose spending a recorded call is.
    struct Spender {
        /// Where the call was made.
        let then: Attribution
        /// Where its feature is now; nil if that is the same place, as nearly always.
        let now: Attribution?

        func who(in scope: Scope) -> Attribution { scope.followsFeature ? now ?? then : then }
    }

    /// Finds the budgets that count a recorded call. Stores them in `found`, ordered by number.
    func find(recorded who: Attribution, _ model: ModelName, into found: inout [ScopeIndex.Match]) -> Spender {
        scopes.find(who, model, into: &found)
        guard let now = moves.counted(who) else { return Spender(then: who, now: nil) }
        var budgets = found.filter { !scopes.budgets[$0.place].scope.followsFeature }
        scopes.find(now, model, into: &found)
        budgets += found.filter { scopes.budgets[$0.place].scope.followsFeature }
        found = budgets.sorted { $0.place < $1.place }
        return Spender(then: who, now: now)
    }

    /// The windows at `moment` of the budgets that were made since a call was recorded, and began with it.
    package func windows(
        beganWith who: Attribution, _ model: ModelName, at moment: Timestamp, recordedAt: Timestamp
    ) -> [(key: WindowKey, budget: Budget)] {
        var found: [ScopeIndex.Match] = []
        let spender = find(recorded: who, model, into: &found)
        return found.compactMap { match in
            let budget = scopes.budgets[match.place]
            let span = budget.window(containing: moment)
            guard budget.whyUnreadable == nil, budget.hasWindow(span), budget.beganWith(recordedAt: recordedAt) else {
                return nil
            }
            let value = scopes.value(of: spender.who(in: budget.scope), model, at: match.place)
            return (WindowKey(budgetNumber: budget.number, span: span, value: value), budget)
        }
    }
}
