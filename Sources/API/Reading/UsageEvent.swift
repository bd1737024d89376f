import Accounting
import JSON
import Ledger

/// A reported call that was never authorized, rated and ready for the ledger.
struct UsageEvent: Sendable {
    var entry: LedgerEntry
    let isOccurredAtGiven: Bool

    /// Reads and rates one event; nothing is written yet.
    init(_ json: JSONValue, pointer: String, server: ServerContext, principal: Principal, at now: Timestamp) throws {
        let configuration = server.replica.snapshot.configuration
        var fields = JSONFields(json, pointer: pointer)
        let id = fields.required("id", Field.idExpectation, Field.id)
        let source = fields.optional("source", Field.nameExpectation, Field.name) ?? "usage"
        let named = fields.attribution()
        let report = CallReport(
            &fields, pointer: pointer, isKnownMeter: configuration.prices.isKnownMeter,
            limits: server.replica.callLimits)
        if report?.model == nil, report != nil { fields.refuse("model", "is required") }
        let occurredAt = report?.occurredAt ?? now
        if !CallReport.isRecordable(occurredAt, at: now) {
            fields.refuse("occurred_at", CallReport.recordableExpectation)
        }
        try fields.finish()
        guard let id, let named, let report, let model = report.model else { preconditionFailure("fields were good") }
        let meant = configuration.meant(named)
        guard configuration.teams.contains(meant.team) else { throw Problem.unknownTeam(named.team, pointer) }
        try principal.require(.report(team: meant.team))
        // What happened before a feature was moved stays with the team that had it then.
        let who = configuration.moves.counted(meant, at: report.occurredAt) ?? meant
        let served = try configuration.prices.served(
            model, provider: report.provider, pointer: "\(pointer)/provider")
        let tier = report.tier ?? report.usage.tier(authorized: .standard)
        var entry = LedgerEntry(
            occurredAt: occurredAt, recordedAt: now, source: source, requestID: id, who: who, requestedModel: model,
            model: served, tier: tier, usage: report.usage,
            rated: configuration.rater.rate(
                report.usage.quantities, of: who.team, on: served, tier: tier,
                region: report.usage.region(named: report.region), at: occurredAt))
        try entry.rated.check(server.replica.callLimits, pointer)
        entry.nameWarning = configuration.prices.guessWarning(of: model, provider: report.provider)
        entry.unpricedWarning = configuration.prices.unpricedWarning(
            of: entry.rated, on: served, tier: tier, at: occurredAt, telling: report.usage.warnings)
        entry.movedWarning = configuration.movedWarning(named, at: report.occurredAt)
        entry.add(report)
        entry.configurationVersion = configuration.version
        self.entry = entry
        isOccurredAtGiven = report.occurredAt != nil
    }
}

extension Problem {
    static func unknownTeam(_ team: String, _ pointer: String = "") -> Problem {
        var problem = Problem(
            .unknownTeam, "There is no team \(team). An admin makes it with: purser team create \(team)",
            errors: [FieldError(pointer: "\(pointer)/team", detail: "is not known")])
        problem.missing = .team(team)
        return problem
    }
}
