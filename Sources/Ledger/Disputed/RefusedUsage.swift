import Accounting
import Postgres

/// All that disputed usage said, with the entry whose place it may take.
package struct RefusedUsage: Sendable {
    private let number: Int64
    private let key: EntryKey
    private let digest: [UInt8]
    private let committed: RecordedCall
    private let source: String
    private let who: Attribution
    private let requestedModel: String
    private let model: ModelName
    private let tier: ServiceTier
    private let region: String?
    private let status: LedgerEntry.Status
    private let attempt: Int64
    private let providerRequestID: String?
    private let providerCost: Money?
    private let latencyMilliseconds: Int64?
    private let quality: Fraction?
    private let quantities: Quantities
    private let occurredAt: Timestamp
    /// What was held for the call.
    private let estimate: Money?

    /// Nil where it was decided already, where the committed entry is not there because it was taken back or its month is
    /// detached, or where only a later version knows the tier. What a version before has kept of the usage is completed
    /// from the committed entry.
    package init?(_ number: Int64, _ connection: Connection) throws {
        let read = try connection.transaction(isolation: .repeatableRead, readOnly: true) { transaction in
            guard let row = try transaction.query(Self.statement(number)).first else {
                return nil as (Row, RecordedCall)?
            }
            let entryID: Int64 = try row.decode(named: "standing_entry_id")
            return try RecordedCall.of([entryID], transaction).first.map { (row, $0) }
        }
        guard let (row, committed) = read, let tier = ServiceTier(rawValue: try row.decode(named: "service_tier"))
        else {
            return nil
        }
        self.number = number
        self.committed = committed
        self.tier = tier
        key = EntryKey(owner: try row.decode(named: "owner"), id: try row.decode(named: "id"))
        digest = try row.decode(named: "digest")
        source = try row.decode(named: "source")
        who = try row.attribution(userColumn: "name")
        requestedModel = try row.decode(named: "requested_model")
        model = ModelName(provider: try row.decode(named: "provider"), model: try row.decode(named: "model"))
        region = try row.decode(named: "region")
        status = LedgerEntry.Status(rawValue: try row.decode(named: "status")) ?? .ok
        attempt = try row.decode(named: "attempt")
        providerRequestID = try row.decode(named: "provider_request_id")
        providerCost = try row.decode(Int64?.self, named: "provider_cost_nanodollars").map(Money.init(nanodollars:))
        latencyMilliseconds = try row.decode(named: "latency_milliseconds")
        quality = try row.decode(Int64?.self, named: "quality_millionths").map(Fraction.init(millionths:))
        quantities = try row.quantities()
        occurredAt = try row.decode(named: "occurred_at")
        estimate = try row.decode(Int64?.self, named: "estimate_nanodollars").map(Money.init(nanodollars:))
    }

    /// The entry that has the id now may itself have taken the place of the one that was committed then. An event of which
    /// another team has the id has a key of its team.
    private static func statement(_ number: Int64) -> SQL {
        func said(_ column: String) -> String {
            "CASE WHEN d.service_tier IS NULL THEN l.\(column) ELSE d.\(column) END AS \(column)"
        }
        let columns = [
            "feature", "run", "tag_keys", "tag_values", "requested_model", "region", "status", "attempt",
            "provider_request_id", "provider_cost_nanodollars", "latency_milliseconds", "quality_millionths",
        ].map { said($0) }.joined(separator: ", ")
        return """
            SELECT l.entry_id AS standing_entry_id, d.owner, d.id, d.digest, l.source, d.team, p.name, d.provider,
                d.model, COALESCE(d.service_tier, l.service_tier) AS service_tier, d.meters, d.quantities, d.pass_tokens,
                d.occurred_at, l.estimate_nanodollars, \(unescaped: columns)
            FROM disputed d CROSS JOIN LATERAL (
                SELECT * FROM ledger l WHERE l.entry_id IN (
                    SELECT k.entry_id FROM entry_key k
                    WHERE k.owner IN (d.owner, d.owner || ' ' || d.team) AND k.id = d.id
                    UNION SELECT d.committed_entry_id)
                -- Of one request the two usages may have been held before and after its feature was moved.
                AND (l.team = d.team OR d.owner LIKE 'team:%') AND l.kind IN ('usage', 'estimated')
                AND NOT \(sql: RecordedCall.isTakenBack)
                -- After some weeks an id may be used again.
                ORDER BY l.entry_id = d.committed_entry_id DESC LIMIT 1
            ) l
            LEFT JOIN person p ON p.user_id = CASE WHEN d.service_tier IS NULL THEN l.user_id ELSE d.user_id END
            WHERE d.disputed_id = \(number) AND d.state = 'open'
            """
    }

    /// What takes the place of the committed entry, rated as `configuration` rates such a call.
    package func posting(
        in configuration: Configuration, _ decision: DisputeDecision, at now: Timestamp
    ) -> Posting {
        let rater = configuration.rater
        func rated(on model: ModelName) -> RatedCall {
            rater.rate(quantities, of: who.team, on: model, tier: tier, region: region, at: occurredAt)
        }
        var entry = LedgerEntry(
            occurredAt: occurredAt, recordedAt: now, source: source, requestID: committed.requestID, who: who,
            requestedModel: requestedModel, model: model, tier: tier,
            usage: Usage(format: .purser, quantities: quantities, raw: nil, residualTokens: 0), rated: rated(on: model))
        entry.attempt = attempt
        entry.region = region
        entry.status = status
        entry.providerRequestID = providerRequestID
        entry.providerCost = providerCost
        entry.latencyMilliseconds = latencyMilliseconds
        entry.quality = quality
        entry.configurationVersion = configuration.version
        if committed.requestedCost != nil {
            entry.requestedCost = rated(on: rater.prices.name(of: requestedModel, provider: nil)).cost
        }
        // The hold has ended. The entry says which it was.
        entry.hold = committed.holdID.map {
            Hold(
                id: $0, requestID: committed.requestID, who: who, requestedModel: requestedModel,
                model: committed.model,
                tier: tier, region: region, estimate: estimate, authorizedAt: committed.occurredAt,
                expiresAt: committed.occurredAt, charges: [])
        }
        entry.accepts = LedgerEntry.Acceptance(
            disputeNumber: number, committedEntryID: committed.entryID, decision: decision)
        return Posting(entry, under: key, digest: digest)
    }
}
