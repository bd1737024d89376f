/// Why a call has no price. All answers that have to say it say it in these words.
package enum PriceGap: Hashable, Sendable {
    /// The price book has nothing of this provider.
    case unknownProvider(String)
    /// Nobody is known to sell this model, or this provider is not. The provider is empty where none was named.
    case unknownModel(ModelName)
    /// The model has prices, but none on this day.
    case noPriceOn(CalendarDay, ModelName)
    /// The model has prices, but none for these meters in this tier.
    case noPriceFor([Meter], ModelName, ServiceTier)

    /// The clause of a sentence. What follows from the gap completes it.
    package var clause: String {
        switch self {
        case .unknownProvider(let provider): "the price book has no provider \(provider)"
        case .unknownModel(let name):
            name.provider.isEmpty
                ? "the price book has no model \(name.model)"
                : "the price book has no model \(name.model) of \(name.provider)"
        case .noPriceOn(let day, let name): "\(name) has no price on \(day)"
        case .noPriceFor(let meters, let name, let tier):
            "\(name) has no \(tier.rawValue) price for \(meters.map(\.inPriceGap).joined(separator: " and "))"
        }
    }

    /// The same as the beginning of a sentence. A name begins one as it is spelled.
    package var beginning: String {
        let clause = clause
        return clause.hasPrefix("the ") ? "The " + clause.dropFirst(4) : clause
    }
}

extension Meter {
    fileprivate var inPriceGap: String {
        switch self {
        case .unsplit: "\(name) (tokens of which only the total is known)"
        case .unreported: "\(name) (what the provider charges for and left out)"
        default: name
        }
    }
}

extension PriceBook {
    /// Why `rated`, the usage of a call on `model` at `moment`, has no price; nil if it has one.
    package func gap(
        in rated: RatedCall, on model: ModelName, tier: ServiceTier, at moment: Timestamp
    ) -> PriceGap? {
        guard rated.cost == nil else { return nil }
        guard let prices = models[model] else { return absence(of: model) }
        var meters: [Meter] = []
        for line in rated.agreedLines ?? rated.lines where line.rate == nil && !meters.contains(line.meter) {
            meters.append(line.meter)
        }
        return prices.gap(meters, tier, at: moment)
    }

    /// What the answer to a report must say of a call that has no price; nil if it has one, or if `usage` tells already
    /// why nobody can price it.
    package func unpricedWarning(
        of rated: RatedCall, on model: ModelName, tier: ServiceTier, at moment: Timestamp, telling told: [CallWarning]
    ) -> CallWarning? {
        guard let gap = gap(in: rated, on: model, tier: tier, at: moment) else { return nil }
        if case .noPriceFor([.unreported], _, _) = gap, told.contains(where: \.code.leavesUnpriced) { return nil }
        return CallWarning(.unpriced, "\(gap.beginning), so the call is unpriced.")
    }

    /// Why nothing bounds the cost of `call` on `model`, authorized at `moment`.
    func gap(
        in call: Call, on model: ModelName, under agreements: AgreementBook, at moment: Timestamp
    ) -> PriceGap {
        guard let list = models[model] else { return absence(of: model) }
        func gap(at moment: Timestamp) -> PriceGap? {
            let agreement = agreements.agreement(of: call.who.team, on: list, at: moment)
            let prices = agreements.prices(under: agreement, list: list)
            var meters: [Meter]?
            prices.forEachCard(
                tier: call.tier, region: call.region, upToContextTokens: max(1, call.inputTokens), at: moment
            ) { card in
                let missing = card.metersWithoutRate(of: call)
                meters = meters.map { known in known + missing.filter { !known.contains($0) } } ?? missing
            }
            return meters == [] ? nil : prices.gap(meters ?? [], call.tier, at: moment)
        }
        if let now = gap(at: moment) { return now }
        // The call may be made at any moment until its hold expires, and prices may end before then.
        var later: PriceGap?
        let end = moment.adding(seconds: call.holdSeconds)
        agreements.forEachChange(of: call.who.team, on: list, after: moment, through: end) { change in
            later = later ?? gap(at: change)
        }
        return later ?? list.gap([.output], call.tier, at: moment)
    }

    func absence(of model: ModelName) -> PriceGap {
        model.provider.isEmpty || isKnownProvider(model.provider)
            ? .unknownModel(model) : .unknownProvider(model.provider)
    }
}

extension ModelPrices {
    /// `meters` are those without a price. No card is there on days without a price, and in tiers without any.
    fileprivate func gap(_ meters: [Meter], _ tier: ServiceTier, at moment: Timestamp) -> PriceGap {
        let isPriced = prices.contains { $0.validFrom <= moment && ($0.validUntil.map { moment < $0 } ?? true) }
        guard isPriced else { return .noPriceOn(moment.day, name) }
        return .noPriceFor(meters.isEmpty ? [.input] : meters, name, tier)
    }
}

extension RateCard {
    /// The meters that `call` may use and that have no rate here.
    fileprivate func metersWithoutRate(of call: Call) -> [Meter] {
        var missing = call.bounds.filter { $0.quantity > 0 && rate(for: $0.meter) == nil }.map(\.meter)
        if call.inputTokens > 0 {
            missing += [Meter.input, .cacheRead].filter { rate(for: $0) == nil && !missing.contains($0) }.prefix(1)
        }
        if call.maxOutputTokens != 0, dearestOutput == nil { missing.append(.output) }
        return missing
    }
}
