import Accounting
import JSON
import Ledger

/// `POST /v1/authorize`: decides whether a call may be made and by which model, and holds the money for it.
struct AuthorizeRoute: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.onEventLoop("/v1/authorize", server) { try authorize($0, $1, $2) }
    }

    private func authorize(_ json: JSONValue, _ principal: Principal, _ reply: HotReply) throws {
        let configuration = server.replica.snapshot.configuration
        let call = try Call(json, isKnownMeter: configuration.prices.isKnownMeter, limits: server.replica.callLimits)
        try principal.require(call.isDryRun ? .ask(team: call.who.team) : .spend(team: call.who.team))
        guard configuration.teams.contains(call.who.team) else { throw Problem.unknownTeam(call.who.team) }
        let ticket = server.replica.authorize(call) { outcome in reply { try answer(outcome, to: call) } }
        if let ticket, call.waitMilliseconds > 0 {
            reply.whenClientLeaves { [replica = server.replica] in replica.forget(ticket: ticket) }
        }
    }

    private func answer(_ outcome: AuthorizeOutcome?, to call: Call) throws -> JSONWriter {
        switch outcome {
        case .verdict(let verdict, _): return try answer(verdict, isDryRun: call.isDryRun)
        case .conflict:
            throw Problem(
                .idempotencyConflict, "The request_id belongs to another call of \(call.who.team) that is still held.")
        case .refused(let errors): throw Problem(fields: errors)
        case .ask, .held, .overCapacity, nil: throw Problem.unavailable
        }
    }

    private func answer(_ verdict: Verdict, isDryRun: Bool) throws -> JSONWriter {
        var holdID: String?
        if let hold = verdict.hold {
            guard let id = server.replica.holdTokens.encrypt(hold) else {
                preconditionFailure("no hold is made that is too long for a token")
            }
            holdID = id
        }
        if !isDryRun { server.metrics.count(verdict) }
        var writer = JSONWriter(capacity: 1536)
        verdict.write(to: &writer, holdID: holdID)
        return writer
    }
}
