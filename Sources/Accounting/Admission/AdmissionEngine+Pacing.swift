extension AdmissionEngine {
    /// Why the paced budget at `index` rules the candidate out; nil if its spending is not so far ahead of its plan.
    func pacing(_ index: Int, _ account: WindowAccount, _ candidate: Candidate, at now: Timestamp) -> Reason? {
        let budget = matchedBudget(index)
        guard let plan = budget.pacing?.plan(of: account.span) else { return nil }
        let ruledOut = plan.modelsRuledOut(
            used: account.spent.plus(account.held), of: account.limit, typicalHold: account.typicalHold, at: now)
        guard candidate.rung < ruledOut else { return nil }
        return Reason(
            code: .pacing, message: sentence(pacingSentence(budget, plan, account, candidate, at: now)),
            budgetID: budget.id, resetsAt: account.resetsAt)
    }

    private func pacingSentence(
        _ budget: Budget, _ plan: SpendingPlan, _ account: WindowAccount, _ candidate: Candidate, at now: Timestamp
    ) -> String {
        let unit = budget.unit
        let isAhead = account.spent.plus(account.held) > plan.planned(of: account.limit, at: now)
        let aim = isAhead ? "it lasts" : "some is left for its end"
        let held = account.held > 0 ? " and holds \(unit.phrase(account.held)) for calls in flight" : ""
        return """
            \(budget.name(of: account.key.value, configuration.names)) has spent \
            \(Self.percent(account.spent, of: account.limit)) of its \
            \(unit.phrase(account.limit)) \(budget.period.phrase)\(held) and \(Self.standing(of: budget, plan, at: now)); \
            so that \(aim), calls that ask for \(candidate.name.model) go to a lower model.
            """
    }

    /// Where the window should be by now.
    private static func standing(of budget: Budget, _ plan: SpendingPlan, at now: Timestamp) -> String {
        let planned = percent(plan.planned(of: Fraction.whole.millionths, at: now), of: Fraction.whole.millionths)
        return budget.pacing?.profile == nil
            ? "is \(planned) through it" : "its usual weeks plan \(planned) by now"
    }

    /// In tenths of a percent, rounded down.
    private static func percent(_ part: Int64, of whole: Int64) -> String {
        guard whole > 0 else { return Fraction.whole.percent }
        return Fraction(millionths: Int64(clamping: Int128(part) * 1_000 / Int128(whole) * 1_000)).percent
    }
}
