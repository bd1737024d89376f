/// Budgets of calls that are recorded: those that were authorized some time ago, or never.
///
/// A call of a feature that was moved since stays where it was made. Budgets that name its feature have gone with the
/// feature, and count it all the same.
extension AdmissionEngine {
    /// Whose spending a recorded call is.
    struct Spender {
        /// Where the call was made.
        let then: Attribution
        /// Where its feature is now; nil if that is the same place, as nearly always.
        let now: Attribution?

        func who(in scope: Scope) -> Attribution { scope.followsFeature ? now ?? then : then }
    }

    /// Finds the budgets that count a recorded call, and stores them in `matched.budgets`.
    mutating func find(recorded who: Attribution, _ model: ModelName) -> Spender {
        let scopes = configuration.scopes
        scopes.find(who, model, into: &matched.budgets)
        guard let now = configuration.moves.counted(who) else { return Spender(then: who, now: nil) }
        var budgets = matched.budgets.filter { !scopes.budgets[$0.place].scope.followsFeature }
        scopes.find(now, model, into: &matched.budgets)
        budgets += matched.budgets.filter { scopes.budgets[$0.place].scope.followsFeature }
        matched.budgets = budgets.sorted { $0.place < $1.place }
        return Spender(then: who, now: now)
    }
}
