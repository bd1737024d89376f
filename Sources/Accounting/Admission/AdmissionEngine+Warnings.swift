extension AdmissionEngine {
    /// The warnings for an admitted candidate. `matched` must contain the budgets that count it.
    func warnings(_ candidate: Candidate, _ call: Call, at now: Timestamp) -> [CallWarning] {
        var warnings: [CallWarning] = []
        if let rule = candidate.derivedBy,
            let guess = PriceBook.guessWarning(of: call.model, pricedAs: candidate.name, by: rule)
        {
            warnings.append(guess)
        }
        if call.isDryRun, let warning = configuration.prices.regionWarning(call.region) { warnings.append(warning) }
        if candidate.estimate.cost == nil {
            let gap = priceGap(candidate, call, at: now)
            warnings.append(CallWarning(.modelNotPriced, "\(gap.beginning), so the cost of the call is not counted."))
        }
        if let warning = outputWarning(candidate, call) { warnings.append(warning) }
        for index in matched.indices {
            guard matched[index].terms.enforcement != .hard, let place = matched[index].account else { continue }
            let budget = matchedBudget(index)
            // A dry run holds nothing, so what the call would hold is counted here.
            let own = call.isDryRun ? candidate.estimate.amount(in: budget.unit) ?? 0 : 0
            let remaining = state(of: budget, accounts[place: place]).remaining.minus(own)
            guard remaining < 0 else { continue }
            let value = accounts[place: place].key.value
            warnings.append(
                CallWarning(.overBudget, sentence(overBudget(budget, value, by: Int64(0).minus(remaining)))))
        }
        return warnings
    }

    private func overBudget(_ budget: Budget, _ value: WindowValue, by amount: Int64) -> String {
        let (name, over) = (budget.name(of: value, configuration.names), budget.unit.phrase(amount))
        return budget.enforcement == .soft
            ? "\(name) is over its limit by \(over) \(budget.period.phrase)."
            : "\(name) (shadow) would have denied this call: it is over its limit by \(over)."
    }

    /// Why nothing bounds the cost of `call` on `candidate`.
    func priceGap(_ candidate: Candidate, _ call: Call, at now: Timestamp) -> PriceGap {
        configuration.prices.gap(in: call, on: candidate.name, under: configuration.agreements, at: now)
    }

    /// Says what was held for where the call did not say how much it may put out, or said more than the model can.
    private func outputWarning(_ candidate: Candidate, _ call: Call) -> CallWarning? {
        if let clamp = candidate.clamp { return clampWarning(clamp, candidate, call) }
        let model = candidate.name.model
        guard let most = candidate.estimate.outputTokens(of: call) else {
            let unbounded = matched.indices.first { matched[$0].terms.unit == .tokens }
            return unbounded.map {
                CallWarning(
                    .outputAssumed,
                    "\(model) has no known maximum output: \(matchedBudget($0).id) holds nothing for it.")
            }
        }
        // Nearly every call declares what its model can put out, and needs no sentence.
        guard let declared = call.maxOutputTokens else {
            guard most > 0 else { return nil }
            let tokens = Budget.Unit.tokens.phrase(most)
            return CallWarning(
                .outputAssumed, "max_output_tokens was not given: \(tokens), the most of \(model), are held for.")
        }
        guard declared > most else { return nil }
        let tokens = Budget.Unit.tokens.phrase(most)
        return CallWarning(
            .outputBounded, "\(model) puts out \(tokens) at most: the call is held for these, and may not ask for more."
        )
    }
}
