extension RateCard {
    /// The most that `call` and its prompt alone may cost by these rates, unrounded, in 5e-16 USD; nil if it may use a meter
    /// without a price.
    ///
    /// Every token of the output may be of the dearest kind. What each token of the prompt may cost is a small
    /// assignment problem. There are two kinds of places: tokens known to be cached, at the cache rate, and fresh tokens.
    /// Each part that the call's `bounds` name, such as audio, takes as many places as its bound allows and as make the
    /// sum larger. A part that is read from a cache may take places of either kind, any other only fresh ones. The known
    /// places are never dearer than fresh ones, so the sum is largest if the dearest part chooses first and prefers known
    /// places.
    ///
    /// Every fresh token may be written to a cache, unless `bounds` says of some kind of cache write how much there may
    /// be. Kinds that it then does not name are not written, as with any other meter.
    ///
    /// `leastQuantity` says for how much of a meter the call is charged at the least.
    func halfFemtodollars(
        ofWorst call: Call, outputTokens: Int64, leastQuantity: (Meter) -> Int64
    ) -> (sum: Int128, input: Int128)? {
        let mayWrite = !call.bounds.contains(where: \.meter.isCacheWrite)
        var sum: Int128 = 0
        var parts: [(meter: Meter, tokens: Int64, halfFemtodollarsPerUnit: Int64)] = []
        for bound in call.bounds where bound.quantity > 0 {
            guard let plain = rate(for: bound.meter) else { return nil }
            let rate = mayWrite && bound.meter == .audioInput ? dearestAudioInput ?? plain : plain
            if bound.meter.isOfInput {
                parts.append((bound.meter, bound.quantity, rate.halfFemtodollarsPerUnit))
            } else if !bound.meter.isOfOutput {
                sum += rate.halfFemtodollars(for: max(bound.quantity, leastQuantity(bound.meter)))
            }
        }
        if outputTokens > 0 {
            guard let rate = dearestOutput else { return nil }
            sum += rate.halfFemtodollars(for: outputTokens)
        }
        guard call.inputTokens > 0 else { return (sum, 0) }
        guard let input = mayWrite ? dearestInput : rate(for: .input), let cached = rate(for: .cacheRead) else {
            return nil
        }
        var fresh = PromptPlaces(
            left: call.inputTokens - call.cachedInputTokens, halfFemtodollarsPerUnit: input.halfFemtodollarsPerUnit)
        // A part that is cheaper than the cache rate must not lower the sum where that rate is above the fresh one.
        var known = PromptPlaces(
            left: call.cachedInputTokens,
            halfFemtodollarsPerUnit: min(cached.halfFemtodollarsPerUnit, fresh.halfFemtodollarsPerUnit))
        var prompt = cached.halfFemtodollars(for: known.left) + fresh.sum
        if parts.count > 1 { parts.sort { $0.halfFemtodollarsPerUnit > $1.halfFemtodollarsPerUnit } }
        for part in parts {
            var tokens = part.tokens
            if part.meter.parent == .cacheRead { prompt += known.take(&tokens, at: part.halfFemtodollarsPerUnit) }
            prompt += fresh.take(&tokens, at: part.halfFemtodollarsPerUnit)
        }
        return (sum + prompt, prompt)
    }
}

/// Tokens of a prompt that cost alike until a dearer part takes their place.
private struct PromptPlaces {
    private(set) var left: Int64
    let halfFemtodollarsPerUnit: Int64

    init(left: Int64, halfFemtodollarsPerUnit: Int64) {
        self.left = left
        self.halfFemtodollarsPerUnit = halfFemtodollarsPerUnit
    }

    var sum: Int128 { Int128(left) * Int128(halfFemtodollarsPerUnit) }

    /// Gives places to a part, at most `tokens`, if it is dearer. Returns how much more they cost. `tokens` becomes what
    /// is left of the part.
    mutating func take(_ tokens: inout Int64, at halfFemtodollarsPerUnit: Int64) -> Int128 {
        let difference = Int128(halfFemtodollarsPerUnit) - Int128(self.halfFemtodollarsPerUnit)
        guard difference > 0 else { return 0 }
        let taken = min(left, tokens)
        left -= taken
        tokens -= taken
        return difference * Int128(taken)
    }
}
