import Accounting

extension LedgerEntry {
    /// The entry that an expired hold becomes: the input that its call declared, or all that was held for. Nil where a record
    /// is all: by the setting, for a model without a price, and for a hold of a version before.
    package init?(estimating hold: Hold, by setting: BudgetRules.Unsettled, at now: Timestamp) {
        guard let declared = hold.declared, let estimate = hold.estimate, setting > .record else { return nil }
        let isWhole = setting == .estimate
        var quantities = Quantities()
        quantities.add(.input, declared.inputTokens - declared.cachedInputTokens)
        quantities.add(.cacheRead, declared.cachedInputTokens)
        if isWhole { quantities.add(.output, declared.outputTokens) }
        let cost = isWhole ? estimate : declared.inputCost
        self.init(
            occurredAt: hold.authorizedAt, recordedAt: now, source: setting.rawValue, requestID: hold.requestID,
            who: hold.who, requestedModel: hold.requestedModel, model: hold.model, tier: hold.tier,
            usage: Usage(format: .purser, quantities: quantities, raw: nil, residualTokens: 0),
            rated: RatedCall(stating: cost, listCost: cost, of: quantities))
        kind = .estimated
        region = hold.region
        self.hold = hold
    }
}
