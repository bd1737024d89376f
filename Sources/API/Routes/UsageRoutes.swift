import Accounting
import HTTPTypes
import Hummingbird
import JSON
import Ledger

/// `POST /v1/usage` records calls that were never authorized, `GET /v1/usage` lists entries,
/// `POST /v1/usage/reversals` takes recorded calls back.
struct UsageRoutes: Sendable {
    let server: ServerContext

    static let maximumEvents = 10_000

    func add(to routes: RouteTable) {
        routes.on(.post, "v1/usage", server, query: ["dry_run"]) { try await record($0) }
        routes.on(.post, "v1/usage/reversals", server) { try await reverse($0) }
        routes.on(.get, "v1/usage", server, query: Self.listParameters) { try await list($0) }
    }

    enum Outcome: Sendable {
        case accepted([CallWarning])
        case duplicate([CallWarning])
        case rejected(id: String?, Problem)
    }

    private func record(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.report(team: context.principal.team))
        let isDryRun = try context.query("dry_run", "true or false") { Bool($0) } ?? false
        let events = try await Self.events(context.request)
        let now = server.replica.now().wall
        let principal = context.principal
        if isDryRun { return answer(try await trial(of: events, principal, now), to: events) }
        let outcomes = await withCheckedContinuation { continuation in
            OutcomeJoin<Outcome>.begin(events) {
                record($0, principal, now, done: $1)
            } whole: {
                continuation.resume(returning: $0)
            }
        }
        // If an event cannot be stored now, the client must send all events again. Those already stored then count as
        // duplicates.
        let isUnavailable = outcomes.contains { outcome in
            if case .rejected(_, let problem) = outcome { problem.code == .unavailable } else { false }
        }
        if isUnavailable {
            throw Problem(
                .unavailable, "Not all events could be recorded. Send them all again: those that were are duplicates.")
        }
        return answer(outcomes, to: events)
    }

    private func record(
        _ event: Result<JSONValue, Problem>, _ principal: Principal, _ now: Timestamp,
        done: @escaping @Sendable (Outcome) -> Void
    ) {
        var id: String?
        do {
            let json = try event.get()
            let given = json["id"].flatMap(Field.id)
            id = given
            try server.record {
                let event = try UsageEvent(json, pointer: "", server: server, principal: principal, at: now)
                return (event.entry, event.isOccurredAtGiven)
            } done: { result, warnings in
                done(outcome(result, warnings, of: given ?? ""))
            }
        } catch {
            done(.rejected(id: id, Problem(error, log: server.log)))
        }
    }

    private func outcome(
        _ result: Result<LedgerOutcome, LedgerFailure>, _ warnings: [CallWarning], of id: String
    ) -> Outcome {
        switch result {
        case .success(.recorded): .accepted(warnings)
        case .success(.duplicate): .duplicate(warnings)
        case .success(.conflict(let receipt)):
            .rejected(
                id: id,
                Problem(.idempotencyConflict, "\(Self.isTaken) What was sent now is kept as disputed.", entry: receipt))
        case .success(.overflow(let overflow)): .rejected(id: id, Problem(overflow))
        case .success(.ended), .success(.alreadyEnded), .success(.extended):
            preconditionFailure("an event is recorded or not")
        case .failure(let failure): .rejected(id: id, Problem(failure))
        }
    }

    static let isTaken = "This id was recorded before with other content."
}
