/// The worst case of a call: the most that it may cost and use within what it declared.
package struct Estimate: Hashable, Sendable {
    /// Nil if a meter that the call may use has no price.
    package let cost: Money?
    /// What the prompt alone may cost; nil as `cost` is.
    package let inputCost: Money?
    /// Nil if nothing is known that bounds the output.
    package let tokens: Int64?

    package init(cost: Money?, inputCost: Money?, tokens: Int64?) {
        self.cost = cost
        self.inputCost = inputCost
        self.tokens = tokens
    }

    /// The most output of a call with this worst case; nil if nothing is known that bounds it.
    package func outputTokens(of call: Call) -> Int64? { tokens.map { $0.minus(call.inputTokens) } }

    /// The worst case in a budget's unit; nil if it is unknown.
    package func amount(in unit: Budget.Unit) -> Int64? {
        switch unit {
        case .usd: cost?.nanodollars
        case .tokens: tokens
        case .calls: 1
        }
    }

    /// The worst case of `call` on `model` if it is made at `moment`; nil if the output has a price and no bound.
    static func worstCase(
        of call: Call, on model: ModelPrices?, under agreements: AgreementBook, madeAt moment: Timestamp
    ) -> Estimate? {
        guard let model else { return unpriced(call, maxOutputTokens: call.maxOutputTokens) }
        let agreement = agreements.agreement(of: call.who.team, on: model, at: moment)
        let prices = agreements.prices(under: agreement, list: model)
        let contextTokens = max(1, call.inputTokens)
        var outputTokens = leastOf(call.maxOutputTokens, model.maximumOutputTokens)
        if outputTokens == nil {
            var (hasCard, hasOutput) = (false, false)
            prices.forEachCard(
                tier: call.tier, region: call.region, upToContextTokens: contextTokens, at: moment
            ) { card in
                hasCard = true
                if card.dearestOutput != nil { hasOutput = true }
            }
            // Without any price, nobody knows whether the model has output.
            if !hasCard { return unpriced(call, maxOutputTokens: nil) }
            if !hasOutput { outputTokens = 0 }
        }
        guard let outputTokens else { return nil }
        // A prompt that is smaller than declared may stay below a threshold, where the prices may be higher.
        var worst: (sum: Int128, input: Int128)?
        var isPriced = true
        prices.forEachCard(
            tier: call.tier, region: call.region, upToContextTokens: contextTokens, at: moment
        ) { card in
            let cost = card.halfFemtodollars(ofWorst: call, outputTokens: outputTokens) { meter in
                prices.leastQuantity(of: meter, for: call, list: model, at: moment)
            }
            if let cost {
                worst = (max(worst?.sum ?? 0, cost.sum), max(worst?.input ?? 0, cost.input))
            } else {
                isPriced = false
            }
        }
        func paid(_ sum: Int128) -> Money { Money(nanodollars: roundedUp(share(agreement?.share, of: sum))) }
        if !isPriced { worst = nil }
        return Estimate(
            cost: worst.map { paid($0.sum) }, inputCost: worst.map { paid($0.input) },
            tokens: call.inputTokens.plus(outputTokens))
    }

    /// Without prices, the model's maximum output is unknown too, so only the call itself can bound its output.
    private static func unpriced(_ call: Call, maxOutputTokens: Int64?) -> Estimate {
        Estimate(cost: nil, inputCost: nil, tokens: maxOutputTokens.map { call.inputTokens.plus($0) })
    }

    /// A model never puts out more than its own maximum, whatever the call allows.
    private static func leastOf(_ declared: Int64?, _ maximum: Int64?) -> Int64? {
        guard let declared, let maximum else { return declared ?? maximum }
        return min(declared, maximum)
    }

    /// The paid share of a sum, rounded up. If the share does not fit, the result is more than any call may cost.
    private static func share(_ share: Fraction?, of sum: Int128) -> Int128 {
        guard let share else { return sum }
        let whole = Int128(Fraction.whole.millionths)
        let (product, overflow) = sum.multipliedReportingOverflow(by: Int128(share.millionths))
        guard !overflow else { return .max / 2 }
        let (quotient, remainder) = product.quotientAndRemainder(dividingBy: whole)
        return remainder == 0 ? quotient : quotient + 1
    }

    /// Rounds a hold up, so that it is never below a cost that is rounded half to even. A sum that does not fit becomes
    /// more than any call may cost.
    private static func roundedUp(_ sum: Int128) -> Int64 {
        let raised = sum + Rate.halfFemtodollarsPerNanodollar - 1
        // As with costs, 64 bits are nearly always enough.
        if let small = Int64(exactly: raised) { return small / Int64(Rate.halfFemtodollarsPerNanodollar) }
        return Int64(clamping: raised / Rate.halfFemtodollarsPerNanodollar)
    }
}

extension ModelPrices {
    /// The most that these prices, or `list` where they say nothing of it, charge `call` for at the least.
    fileprivate func leastQuantity(
        of meter: Meter, for call: Call, list: ModelPrices, at moment: Timestamp
    ) -> Int64 {
        var most: Int64 = 0
        forEachCard(
            tier: call.tier, region: call.region, upToContextTokens: max(1, call.inputTokens), at: moment
        ) { card in
            most = max(
                most,
                card.rate(for: meter)?.leastQuantity
                    ?? (list === self ? 0 : list.leastQuantity(of: meter, for: call, list: list, at: moment)))
        }
        return most
    }
}
