import Accounting
import JSON
import Ledger

typealias LedgerStatus = LedgerEntry.Status

/// One settlement from a request, rated and ready for the ledger.
struct Settlement: Sendable {
    let entry: LedgerEntry
    let isOccurredAtGiven: Bool

    /// Reads and rates one settlement; nothing is written yet.
    init(_ json: JSONValue, pointer: String = "", server: ServerContext, principal: Principal, at now: Timestamp) throws
    {
        let configuration = server.replica.snapshot.configuration
        var fields = JSONFields(json, pointer: pointer)
        let holdText = fields.required("hold_id", "the hold_id of an answer to authorize", \.string)
        let report = CallReport(
            &fields, pointer: pointer, isKnownMeter: configuration.prices.isKnownMeter,
            limits: server.replica.callLimits)
        try fields.finish()
        guard let report, let holdText else { preconditionFailure("fields were good") }
        guard let hold = server.replica.holdTokens.decrypt(holdText) else {
            throw Problem(.unknownHold, "The hold_id is not one that Purser made.")
        }
        try principal.require(.spend(team: hold.who.callersTeam))
        let occurredAt = report.occurredAt ?? hold.authorizedAt
        guard CallReport.isRecordable(report.occurredAt, orHoldFrom: hold.authorizedAt, at: now) else {
            throw Problem(
                fields: [FieldError(pointer: "\(pointer)/occurred_at", detail: CallReport.recordableExpectation)])
        }
        let served = try Self.served(report, hold, configuration.prices, pointer)
        let tier = report.tier ?? report.usage.tier(authorized: hold.tier)
        let region = report.region ?? hold.region
        func rate(_ model: ModelName) -> RatedCall {
            configuration.rater.rate(
                report.usage.quantities, of: hold.who.team, on: model, tier: tier,
                region: report.usage.region(named: region),
                at: occurredAt)
        }
        var entry = LedgerEntry(
            occurredAt: occurredAt, recordedAt: now, source: "settle", requestID: hold.requestID, who: hold.who,
            requestedModel: hold.requestedModel, model: served, tier: tier, usage: report.usage,
            rated: rate(served))
        try entry.rated.check(server.replica.callLimits, pointer)
        if let requested = Self.downgraded(hold, configuration.prices) {
            let rated = rate(requested)
            try rated.check(server.replica.callLimits, pointer)
            entry.requestedCost = rated.cost
        }
        if let name = report.model, served != hold.model {
            entry.nameWarning = configuration.prices.guessWarning(
                of: name, provider: report.provider ?? (served.provider.isEmpty ? nil : served.provider))
        }
        entry.unpricedWarning = configuration.prices.unpricedWarning(
            of: entry.rated, on: served, tier: tier, at: occurredAt, telling: report.usage.warnings)
        entry.hold = hold
        entry.add(report)
        entry.configurationVersion = configuration.version
        entry.region = region
        self.entry = entry
        isOccurredAtGiven = report.occurredAt != nil
    }

    /// The model that the call asked for, if the verdict was a downgrade to a lower one. Another model that served the
    /// call is none: a router may report the snapshot that answered, or have fallen back by itself.
    private static func downgraded(_ hold: Hold, _ prices: PriceBook) -> ModelName? {
        if hold.requestedModel == hold.model.model || hold.requestedModel == hold.model.description { return nil }
        let requested = prices.name(of: hold.requestedModel, provider: nil)
        // Since the verdict, a snapshot may have got prices of its own, or a name may have become an alias.
        return prices.family(of: requested) == prices.family(of: hold.model) ? nil : requested
    }

    /// The model that served the call: the verdict's model, unless the report names another. A name without a provider
    /// is looked up at the verdict's provider first, because most reports repeat the name from that provider's answer.
    private static func served(
        _ report: CallReport, _ hold: Hold, _ prices: PriceBook, _ pointer: String
    ) throws(Problem) -> ModelName {
        guard report.model != nil || report.provider != nil else { return hold.model }
        let name = report.model ?? hold.model.model
        if report.provider == nil {
            if name == hold.model.model || name == hold.model.description { return hold.model }
            if case .priced(let model) = prices.resolve(name, provider: hold.model.provider) { return model.name }
        }
        return try prices.served(name, provider: report.provider, pointer: "\(pointer)/provider")
    }
}

extension PriceBook {
    /// The model that a report names. Throws where several providers sell a model of that name, and none is named. What was
    /// used is recorded even where a name may be two models of the provider: without a price, under the name it came with.
    func served(_ name: String, provider: String?, pointer: String) throws(Problem) -> ModelName {
        switch resolve(name, provider: provider) {
        case .priced(let model): return model.name
        case .unpriced(let name): return name
        case .ambiguous(let names):
            guard provider == nil, Set(names.map(\.provider)).count > 1 else {
                return self.name(of: name, provider: provider)
            }
            let choices = Resolution.choices(names)
            throw Problem(fields: [FieldError(pointer: pointer, detail: "is needed: \(name) \(choices)")])
        }
    }
}

extension LedgerEntry {
    mutating func add(_ report: CallReport) {
        status = report.status
        region = report.region
        providerRequestID = report.providerRequestID
        providerCost = report.providerCost
        latencyMilliseconds = report.latencyMilliseconds
        quality = report.quality
        attempt = report.attempt
        stated = Statement(model: report.model, provider: report.provider, tier: report.tier)
    }
}

extension RatedCall {
    /// Throws where the cost exceeds what one call may cost.
    func check(_ limits: CallLimits, _ pointer: String) throws(Problem) {
        guard exceeds(limits.cost) else { return }
        let detail = "costs too much: one call may cost \(limits.cost) at the most"
        throw Problem(fields: [FieldError(pointer: "\(pointer)/usage", detail: detail)])
    }
}
