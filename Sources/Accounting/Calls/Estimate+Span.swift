extension Estimate {
    /// The worst case of `call` on `model`, authorized at `moment`; nil if the output has a price and no bound.
    ///
    /// The call may be made at any moment until its hold expires. Before then, a price or an agreement may begin or
    /// end, and the hours of the week may change. If the cost is unknown at any of these moments, the worst case is
    /// unknown.
    package static func worstCase(
        of call: Call, on model: ModelPrices?, under agreements: AgreementBook = .empty, at moment: Timestamp
    ) -> Estimate? {
        var worst = worstCase(of: call, on: model, under: agreements, madeAt: moment)
        guard let model else { return worst }
        let end = moment.adding(seconds: call.holdSeconds)
        agreements.forEachChange(of: call.who.team, on: model, after: moment, through: end) { later in
            worst = worst?.worse(
                of: worstCase(of: call, on: model, under: agreements, madeAt: later))
        }
        return worst
    }

    private func worse(of other: Estimate?) -> Estimate? {
        guard let other else { return nil }
        func larger<Amount: Comparable>(_ left: Amount?, _ right: Amount?) -> Amount? {
            guard let left, let right else { return nil }
            return max(left, right)
        }
        return Estimate(
            cost: larger(cost, other.cost), inputCost: larger(inputCost, other.inputCost),
            tokens: larger(tokens, other.tokens))
    }
}
