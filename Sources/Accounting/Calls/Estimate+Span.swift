extension Estimate {
    /// The worst case of `call` on `model`, authorized at `moment`, or nil where the output has no bound at all.
    ///
    /// The call may be made at any moment until its hold expires, and a price may begin or end or the hours of the week
    /// change meanwhile. A moment at which its cost is not known is worse than any other: then it is not known at all.
    package static func worstCase(of call: Call, on model: ModelPrices?, at moment: Timestamp) -> Estimate? {
        var worst = worstCase(of: call, on: model, madeAt: moment)
        model?.forEachChange(after: moment, through: moment.adding(seconds: call.holdSeconds)) { later in
            worst = worst?.worse(of: worstCase(of: call, on: model, madeAt: later))
        }
        return worst
    }

    private func worse(of other: Estimate?) -> Estimate? {
        guard let other else { return nil }
        var worst: Money?
        if let cost, let other = other.cost { worst = max(cost, other) }
        return Estimate(cost: worst, tokens: max(tokens, other.tokens))
    }
}
