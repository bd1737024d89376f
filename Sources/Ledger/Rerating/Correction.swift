import Accounting

/// A correction that makes a recorded call cost what the price book says. Its entry names the call, carries the new
/// prices, and adds the difference.
struct Correction: Sendable {
    let entry: LedgerEntry
    /// What the call cost before; nil where it was unpriced.
    let before: Money?
    let after: Money
    /// Those in money.
    let windows: [(id: Int64, budgetNumber: Int64)]
    /// When the call was recorded.
    let recordedAt: Timestamp
    let reason: RerateReason

    /// The source of the entry: `pricingSource` if the call was unpriced until now, `reratingSource` if it had another
    /// cost.
    static let pricingSource = "pricing"
    static let reratingSource = "rerate"

    /// The result of rating a recorded call with today's prices and agreements.
    enum Outcome {
        /// The ledger has the right cost already.
        case right
        /// The price book does not price all of the call.
        case unpriced(RerateReason)
        /// The call keeps its cost. Either the new cost exceeds what one call may cost, so that the price must be
        /// wrong, or only a later version knows the call's tier.
        case refused(RerateReason)
        case wrong(Correction)
    }

    static func outcome(
        of call: RecordedCall, by rater: Rater, _ sources: RateSources, within limits: CallLimits, at now: Timestamp
    ) -> Outcome {
        guard let tier = call.tier else {
            return .refused(RerateReason(.refused, call.model, remark: .unknownTier))
        }
        func rating(on model: ModelPrices?) -> RatedCall {
            rater.rate(
                call.quantities, of: call.who.team, on: model, tier: tier, region: call.region, at: call.occurredAt)
        }
        let sold = rater.prices.sold(call.model)
        let rated = rating(on: sold)
        // A call that was recorded when more was allowed may still become cheaper.
        let most = max(limits.cost, min(call.cost ?? .zero, CallLimits.greatest.cost))
        let tooDear = Outcome.refused(RerateReason(.refused, call.model, tier: tier, remark: .tooDear(limits.cost)))
        if rated.exceeds(most) { return tooDear }
        guard let after = rated.cost else {
            let gap = rater.prices.gap(in: rated, on: sold?.name ?? call.model, tier: tier, at: call.occurredAt)
            return .unpriced(RerateReason(.stillUnpriced, call.model, remark: .gap(gap)))
        }
        var requestedDifference: Money?
        if let before = call.requestedCost {
            let name = rater.prices.name(of: call.requestedModel, provider: nil)
            let requested = rating(on: rater.prices.models[name])
            if requested.exceeds(max(most, before)) { return tooDear }
            // An unpriced call has no saving yet, so the correction that prices it carries the whole requested cost.
            requestedDifference = (requested.cost ?? before) - (call.cost == nil ? .zero : before)
        }
        let difference = after - (call.cost ?? .zero)
        let listDifference = rated.listCost.map { $0 - (call.listCost ?? .zero) }
        if call.cost != nil, difference == .zero, listDifference ?? .zero == .zero,
            requestedDifference ?? .zero == .zero
        {
            return .right
        }

        var entry = LedgerEntry(
            occurredAt: call.occurredAt, recordedAt: now,
            source: call.cost == nil ? pricingSource : reratingSource, requestID: call.requestID, who: call.who,
            requestedModel: call.requestedModel, model: call.model, tier: tier,
            usage: Usage(format: .purser, quantities: Quantities(), raw: nil, residualTokens: 0),
            rated: RatedCall(rated, differsInList: listDifference, inCost: difference))
        entry.kind = .adjustment
        entry.correctsEntryID = call.entryID
        entry.attempt = call.correctionCount + 1
        entry.region = call.region
        entry.status = call.status
        entry.requestedCost = requestedDifference
        return .wrong(
            Correction(
                entry: entry, before: call.cost, after: after,
                windows: call.windows.filter { $0.unit == .usd }.map { ($0.id, $0.budgetNumber) },
                recordedAt: call.recordedAt,
                reason: sources.reason(for: call, tier: tier, rated, on: sold?.name)))
    }
}

extension PriceBook {
    /// The prices of a model that an entry names. A name without prices at the time of the entry may have prices by
    /// now.
    fileprivate func sold(_ name: ModelName) -> ModelPrices? {
        if let model = models[name] { return model }
        let provider = name.provider.isEmpty ? nil : name.provider
        guard case .priced(let model) = resolve(name.model, provider: provider) else { return nil }
        return model
    }
}
