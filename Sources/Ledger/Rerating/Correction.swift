import Accounting

/// What makes a recorded call cost what the price book says: an entry that names the call, carries the new prices, and
/// adds the difference.
struct Correction: Sendable {
    let entry: LedgerEntry
    /// What the call cost before; nil where it was unpriced.
    let before: Money?
    let after: Money
    let windows: [(id: Int64, budgetNumber: Int64)]

    /// Where an entry says that its call was unpriced until now, rather than priced otherwise.
    static let pricingSource = "pricing"
    static let reratingSource = "rerate"

    /// What a call costs by the prices and agreements of today.
    enum Outcome {
        /// What the ledger says.
        case right
        /// The book has no price for all of it.
        case unpriced
        /// It keeps the cost it has: it would be more than one call may cost, so that the price must be wrong, or it is of a
        /// tier that only a later version knows.
        case refused
        case wrong(Correction)
    }

    static func outcome(of call: RecordedCall, by rater: Rater, at now: Timestamp) -> Outcome {
        guard let tier = call.tier else { return .refused }
        func rating(on model: ModelPrices?) -> RatedCall {
            rater.rate(
                call.quantities, of: call.who.team, on: model, tier: tier, region: call.region, at: call.occurredAt)
        }
        let rated = rating(on: rater.prices.sold(call.model))
        if rated.isTooDear { return .refused }
        guard let after = rated.cost else { return .unpriced }
        var requestedDifference: Money?
        if let before = call.requestedCost {
            let name = rater.prices.name(of: call.requestedModel, provider: nil)
            let requested = rating(on: rater.prices.models[name])
            if requested.isTooDear { return .refused }
            // A call without a cost has saved nothing yet; with its cost comes all it would have cost.
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
        return .wrong(Correction(entry: entry, before: call.cost, after: after, windows: call.windows))
    }

}

extension PriceBook {
    /// The prices of a model that an entry names; a name that nobody had prices for may have got some since.
    fileprivate func sold(_ name: ModelName) -> ModelPrices? {
        if let model = models[name] { return model }
        let provider = name.provider.isEmpty ? nil : name.provider
        guard case .priced(let model) = resolve(name.model, provider: provider) else { return nil }
        return model
    }
}
