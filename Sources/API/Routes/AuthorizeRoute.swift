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
        let named = try Call(json, isKnownMeter: configuration.prices.isKnownMeter, limits: server.replica.callLimits)
        let call = configuration.names.isEmpty ? named : named.counted(for: configuration.meant(named.who))
        let moved = configuration.movedWarning(named.who)
        try principal.require(call.isDryRun ? .ask(team: call.who.team) : .spend(team: call.who.team))
        guard configuration.teams.contains(call.who.team) else {
            throw MissingName.guessed(in: Problem.unknownTeam(named.who.team), for: principal, configuration)
        }
        let ticket = server.replica.authorize(call) { outcome in reply { try answer(outcome, to: call, moved) } }
        if let ticket, call.waitMilliseconds > 0 {
            reply.whenClientLeaves { [replica = server.replica] in replica.forget(ticket: ticket) }
        }
    }

    private func answer(
        _ outcome: AuthorizeOutcome?, to call: Call, _ moved: CallWarning?
    ) throws -> JSONWriter {
        switch outcome {
        case .verdict(let verdict, _): return try answer(verdict, to: call, moved)
        case .conflict:
            let team = server.configuration.names.name(of: call.who.team)
            throw Problem(
                .idempotencyConflict, "The request_id belongs to another call of \(team) that is still held.")
        case .refused(let errors): throw Problem(fields: errors)
        case .ask, .held, .overCapacity, nil: throw Problem.unavailable
        }
    }

    private func answer(_ verdict: Verdict, to call: Call, _ moved: CallWarning?) throws -> JSONWriter {
        var holdID: String?
        if let hold = verdict.hold {
            guard let id = server.replica.holdTokens.encrypt(hold) else {
                preconditionFailure("no hold is made that is too long for a token")
            }
            holdID = id
        }
        if !call.isDryRun { server.metrics.count(verdict) }
        var writer = JSONWriter(capacity: 1536)
        verdict.write(
            to: &writer, holdID: holdID, guess: call.isDryRun ? guess(verdict, call) : nil, moved: moved,
            names: server.configuration.names)
        return writer
    }

    /// Which model a question was probably meant for that asks for one without any price. Who sends a call is not told: to
    /// look through all names takes longer than many verdicts.
    private func guess(_ verdict: Verdict, _ call: Call) -> CallWarning? {
        let prices = server.configuration.prices
        guard verdict.model == nil || verdict.warnings.contains(where: { $0.code == .modelNotPriced }),
            case .unpriced = prices.resolve(call.model, provider: call.provider)
        else { return nil }
        return prices.modelGuess(call.model, provider: call.provider)
    }
}
