import Accounting

/// One line of the ledger: what one call used and cost, what a call that nobody settled may have, or a correction of a call.
package struct LedgerEntry: Sendable {
    package enum Kind: String, Sendable {
        case usage
        /// In place of the usage of a call that nobody settled.
        case estimated
        /// Changes what an entry cost.
        case adjustment
        /// Takes back an entry whole, with its adjustments.
        case reversal

        /// How many calls an entry adds.
        package var calls: Int64 {
            switch self {
            case .usage, .estimated: 1
            case .adjustment: 0
            case .reversal: -1
            }
        }

        /// The same of a row of the ledger (alias `l`).
        static let calls =
            "CASE WHEN l.kind IN ('usage', 'estimated') THEN 1 WHEN l.kind = 'reversal' THEN -1 ELSE 0 END"
    }

    /// What a reporter said of how a call was served, in its own words. Nil where it said nothing.
    package struct Statement: Sendable {
        package let model: String?
        package let provider: String?
        package let tier: ServiceTier?

        package init(model: String? = nil, provider: String? = nil, tier: ServiceTier? = nil) {
            self.model = model
            self.provider = provider
            self.tier = tier
        }
    }

    /// Usage that was disputed and is accepted.
    package struct Acceptance: Sendable {
        package let disputeNumber: Int64
        /// The entry whose place it takes.
        package let committedEntryID: Int64
        package let decision: DisputeDecision
    }

    /// How a call ended, as the router saw it.
    package enum Status: String, Sendable, CaseIterable { case ok, error, timeout, cancelled }

    package var kind = Kind.usage
    package var correctsEntryID: Int64?
    package var occurredAt: Timestamp
    package var recordedAt: Timestamp
    /// The source of a usage event; `settle` for a settled hold; the setting by which an estimated entry was made.
    package var source: String
    package var requestID: String
    /// The number of the router's attempt. For a correction: its number among the corrections of its entry.
    package var attempt: Int64 = 1
    package var who: Attribution
    package var requestedModel: String
    package var model: ModelName
    package var tier: ServiceTier
    /// The region in which the call was processed, as its reporter or its hold says.
    package var region: String?
    package var status = Status.ok
    package var providerRequestID: String?
    /// What the provider charged, as the reporter says. If nil, the ledger stores the cost that the usage itself
    /// states.
    package var providerCost: Money?
    package var latencyMilliseconds: Int64?
    package var quality: Fraction?
    package var usage: Usage
    package var rated: RatedCall
    /// What the same usage would have cost on the requested model; nil if not known.
    package var requestedCost: Money?
    /// Nil unless the model was found by a guess at the name that the reporter gave.
    package var nameWarning: CallWarning?
    /// Nil unless the entry has no price, and its usage does not say why.
    package var unpricedWarning: CallWarning?
    /// Nil unless the reporter names a team or a feature otherwise than it is called now.
    package var movedWarning: CallWarning?
    /// What the reporter said of the model and the tier.
    package var stated = Statement()
    /// The version of the configuration by which the entry was rated; nil if a change of it does not matter.
    package var configurationVersion: Int64?
    /// The hold of the call; nil if the call was never authorized, and for a correction.
    package var hold: Hold?
    /// The name of the import that has brought an event. It says nothing of the call: the same event of another import is a
    /// duplicate.
    package var usageBatch: String?
    /// Nil unless the entry is usage that was disputed.
    package var accepts: Acceptance?
    package var currency = "USD"

    package init(
        occurredAt: Timestamp, recordedAt: Timestamp, source: String, requestID: String, who: Attribution,
        requestedModel: String, model: ModelName, tier: ServiceTier, usage: Usage, rated: RatedCall
    ) {
        self.occurredAt = occurredAt
        self.recordedAt = recordedAt
        self.source = source
        self.requestID = requestID
        self.who = who
        self.requestedModel = requestedModel
        self.model = model
        self.tier = tier
        self.usage = usage
        self.rated = rated
    }

    /// The region in which the call was processed, as far as the reporter, the hold or the usage says it.
    package var servedRegion: String? { usage.region(named: region) }

    /// What the answer to the report must say beside the cost.
    package var warnings: [CallWarning] {
        if nameWarning == nil, unpricedWarning == nil, movedWarning == nil { return usage.warnings }
        return usage.warnings + [nameWarning, unpricedWarning, movedWarning].compactMap(\.self)
    }

    /// By how much the cost exceeds what was held.
    package var overrun: Money {
        guard let cost = rated.cost, let estimate = hold?.estimate else { return .zero }
        return max(.zero, cost - estimate)
    }
}
