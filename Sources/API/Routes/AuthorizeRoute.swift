import Accounting
import JSON
import Ledger

/// `POST /v1/authorize`: may this call be made, by which model, and is the money there?
struct AuthorizeRoute: Sendable {
    let office: Office

    func add(to routes: OfficeRoutes) {
        routes.onEventLoop("/v1/authorize", office) { try authorize($0, $1, $2) }
    }

    private func authorize(_ json: JSONValue, _ principal: Principal, _ reply: HotReply) throws {
        let configuration = office.replica.snapshot.configuration
        let call = try Call(json, isKnownMeter: configuration.prices.isKnownMeter)
        try principal.require(call.isDryRun ? .ask(team: call.who.team) : .spend(team: call.who.team))
        guard configuration.teams.contains(call.who.team) else { throw Problem.unknownTeam(call.who.team) }
        office.replica.authorize(call) { outcome in reply { try answer(outcome, team: call.who.team) } }
    }

    private func answer(_ outcome: AuthorizeOutcome?, team: String) throws -> JSONWriter {
        switch outcome {
        case .verdict(let verdict, _): return try answer(verdict)
        case .conflict:
            throw Problem(
                .idempotencyConflict, "The request_id belongs to another call of \(team) that is still held.")
        case .refused(let errors): throw Problem(fields: errors)
        case .ask, .overCapacity, nil: throw Problem.unavailable
        }
    }

    private func answer(_ verdict: Verdict) throws -> JSONWriter {
        var holdID: String?
        if let hold = verdict.hold {
            // Too many budgets on one call: the hold expires and its money returns.
            guard let id = office.replica.seal.seal(hold) else { throw Problem.unavailable }
            holdID = id
        }
        office.metrics.count(verdict)
        var writer = JSONWriter(capacity: 1536)
        verdict.write(to: &writer, holdID: holdID)
        return writer
    }
}
