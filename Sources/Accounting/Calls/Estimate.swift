/// The worst case of a call: the most that it may cost and use within what it declared.
package struct Estimate: Hashable, Sendable {
    /// Nil if a meter that the call may use has no price.
    package let cost: Money?
    package let tokens: Int64

    /// The worst case in a budget's unit; nil if it is unknown.
    package func amount(in unit: Budget.Unit) -> Int64? {
        switch unit {
        case .usd: cost?.nanodollars
        case .tokens: tokens
        case .calls: 1
        }
    }

    /// The worst case of `call` on `model` if it is made at `moment`; nil if the output has no bound at all.
    static func worstCase(
        of call: Call, on model: ModelPrices?, under agreements: AgreementBook, madeAt moment: Timestamp
    ) -> Estimate? {
        guard let model else {
            // Without prices, the model's maximum output is unknown too, so the declared tokens are the bound.
            return Estimate(cost: nil, tokens: call.inputTokens.plus(call.maxOutputTokens ?? 0))
        }
        let agreement = agreements.agreement(of: call.who.team, on: model, at: moment)
        let prices = agreements.prices(under: agreement, list: model)
        let contextTokens = max(1, call.inputTokens)
        var outputTokens = call.maxOutputTokens ?? model.maximumOutputTokens
        if outputTokens == nil {
            var hasOutput = false
            prices.forEachCard(
                tier: call.tier, region: call.region, upToContextTokens: contextTokens, at: moment
            ) { card in
                if card.dearestOutput != nil { hasOutput = true }
            }
            if !hasOutput { outputTokens = 0 }
        }
        guard let outputTokens else { return nil }
        // A prompt that is smaller than declared may stay below a threshold, where the prices may be higher.
        var worst: Int128?
        var isPriced = true
        prices.forEachCard(
            tier: call.tier, region: call.region, upToContextTokens: contextTokens, at: moment
        ) { card in
            let sum = halfFemtodollars(of: call, outputTokens: outputTokens, on: card)
            if let sum { worst = max(worst ?? 0, sum) } else { isPriced = false }
        }
        let paid = worst.map { share(agreement?.share, of: $0) }
        return Estimate(
            cost: isPriced ? paid.map(roundedUp).map(Money.init(nanodollars:)) : nil,
            tokens: call.inputTokens.plus(outputTokens))
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

    private static func halfFemtodollars(of call: Call, outputTokens: Int64, on card: RateCard) -> Int128? {
        var sum: Int128 = 0
        var extras: [(meter: Meter, tokens: Int64, rate: Rate)] = []
        for bound in call.bounds where bound.quantity > 0 {
            guard let rate = card.rate(for: bound.meter) else { return nil }
            if bound.meter.isOfInput {
                extras.append((bound.meter, bound.quantity, rate))
            } else if !bound.meter.isOfOutput {
                sum += rate.halfFemtodollars(for: bound.quantity)
            }
        }
        if outputTokens > 0 {
            guard let rate = card.dearestOutput else { return nil }
            sum += rate.halfFemtodollars(for: outputTokens)
        }
        guard call.inputTokens > 0 else { return sum }
        guard let input = card.rate(for: .input), let cached = card.rate(for: .cacheRead) else { return nil }
        // Adds the dearest parts first. Each part replaces the cheapest tokens that it may stand for.
        if extras.count > 1 { extras.sort { $0.rate.halfFemtodollarsPerUnit > $1.rate.halfFemtodollarsPerUnit } }
        var known = call.cachedInputTokens
        var fresh = call.inputTokens - call.cachedInputTokens
        sum += cached.halfFemtodollars(for: known) + input.halfFemtodollars(for: fresh)
        for var extra in extras {
            if extra.meter.parent == .cacheRead {
                // Some of the tokens known to be cached may have this rate. The excess is counted over the cheaper of
                // the cached and the input rate, so that it is complete even where all cached tokens are dear.
                let place = min(cached.halfFemtodollarsPerUnit, input.halfFemtodollarsPerUnit)
                let tokens = min(known, extra.tokens)
                sum += extra.rate.excess(over: place, for: tokens)
                known -= tokens
                extra.tokens -= tokens
            }
            let tokens =
                extra.rate.halfFemtodollarsPerUnit > input.halfFemtodollarsPerUnit ? min(fresh, extra.tokens) : 0
            sum += extra.rate.excess(over: input.halfFemtodollarsPerUnit, for: tokens)
            fresh -= tokens
        }
        return sum
    }
}

extension Rate {
    /// How much more `quantity` units cost than at another rate; 0 if they cost less.
    fileprivate func excess(over halfFemtodollarsPerUnit: Int64, for quantity: Int64) -> Int128 {
        let difference = max(0, Int128(self.halfFemtodollarsPerUnit) - Int128(halfFemtodollarsPerUnit))
        return difference * Int128(quantity)
    }
}
