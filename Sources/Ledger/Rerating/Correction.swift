import Accounting

/// What makes a recorded call cost what the price book says: an entry that names the call, carries the new prices, and
/// adds the difference.
package struct Correction: Sendable {
    package let entry: LedgerEntry
    /// What the call cost before; nil where it was unpriced.
    package let before: Money?
    package let after: Money
    let windows: [(id: Int64, budgetNumber: Int64)]

    package var difference: Money { entry.rated.cost! }

    /// Where an entry says that its call was unpriced until now, rather than priced otherwise.
    static let pricingSource = "pricing"
    static let reratingSource = "rerate"

    /// What a call costs by the price book.
    enum Outcome {
        /// What the ledger says.
        case right
        /// The book has no price for all of it.
        case unpriced
        case wrong(Correction)
    }

    static func outcome(of call: RecordedCall, by prices: PriceBook, at now: Timestamp) -> Outcome {
        let rated = rated(call, on: prices.sold(call.model)) ?? .unpriced(call.quantities)
        guard let after = rated.cost else { return .unpriced }
        // What a downgraded call saved is the difference of two costs, and each may change.
        let requestedDifference = call.requestedCost.map { before in
            let requested = prices.models[prices.name(of: call.requestedModel, provider: nil)]
            return (Self.rated(call, on: requested)?.cost ?? before) - before
        }
        let difference = after - (call.cost ?? .zero)
        if call.cost != nil, difference == .zero, requestedDifference ?? .zero == .zero { return .right }
        guard !rated.isTooDear else { return .unpriced }

        var entry = LedgerEntry(
            occurredAt: call.occurredAt, recordedAt: now,
            source: call.cost == nil ? pricingSource : reratingSource, requestID: call.requestID, who: call.who,
            requestedModel: call.requestedModel, model: call.model, tier: call.tier,
            usage: Usage(format: .purser, quantities: Quantities(), raw: nil, residualTokens: 0),
            rated: RatedCall(cost: difference, lines: rated.lines))
        entry.kind = .adjustment
        entry.correctsEntryID = call.entryID
        entry.attempt = call.correctionCount + 1
        entry.region = call.region
        entry.status = call.status
        entry.requestedCost = requestedDifference
        return .wrong(Correction(entry: entry, before: call.cost, after: after, windows: call.windows))
    }

    private static func rated(_ call: RecordedCall, on model: ModelPrices?) -> RatedCall? {
        model?.card(
            tier: call.tier, region: call.region, contextTokens: call.quantities.inputTokens, at: call.occurredAt
        )?.rate(call.quantities)
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
