import Accounting

/// What one line of the ledger says: what one call used and cost, or a correction of one.
package struct LedgerEntry: Sendable {
    package enum Kind: String, Sendable { case usage, adjustment, reversal }

    /// How a call ended, as the router saw it.
    package enum Status: String, Sendable, CaseIterable { case ok, error, timeout, cancelled }

    package var kind = Kind.usage
    package var correctsEntryID: Int64?
    package var occurredAt: Timestamp
    package var recordedAt: Timestamp
    /// The source of a usage event; `settle` for a settled hold.
    package var source: String
    package var requestID: String
    /// Which try of the router's this was; of a correction, its number among those of its entry.
    package var attempt: Int64 = 1
    package var who: Attribution
    package var requestedModel: String
    package var model: ModelName
    package var tier: ServiceTier
    /// Where its reporter or its hold says it was processed.
    package var region: String?
    package var status = Status.ok
    package var providerRequestID: String?
    /// What the provider charged, as the reporter says it; else what the usage itself says is kept.
    package var providerCost: Money?
    package var latencyMilliseconds: Int64?
    package var quality: Fraction?
    package var usage: Usage
    package var rated: RatedCall
    /// What the same usage would have cost on the model asked for; nil where that is not known.
    package var requestedCost: Money?
    /// What was held; nil for a call that was never authorized.
    package var hold: Hold?
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

    /// Its id is unique among the requests of its team, or among the events of its source; a correction's is its number
    /// among those of its entry.
    package var key: EntryKey {
        if let correctsEntryID { return EntryKey(owner: "entry:\(correctsEntryID)", id: String(attempt)) }
        return EntryKey(owner: hold == nil ? "source:\(source)" : "team:\(who.team)", id: requestID)
    }

    /// Where it was processed, as far as anybody says.
    package var servedRegion: String? { usage.region(named: region) }

    /// By how much it cost more than was held.
    package var overrun: Money {
        guard let cost = rated.cost, let estimate = hold?.estimate else { return .zero }
        return max(.zero, cost - estimate)
    }

    /// Whether a lower model served it than was asked for.
    package var isDowngraded: Bool { requestedCost != nil }
}
