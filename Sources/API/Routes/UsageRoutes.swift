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
        routes.on(.post, "v1/usage", server, query: ["dry_run", "batch"]) { try await record($0) }
        routes.on(.post, "v1/usage/reversals", server) { try await reverse($0) }
        routes.on(.get, "v1/usage", server, query: Self.listParameters) { try await list($0) }
    }

    enum Outcome: Sendable {
        case accepted([CallWarning])
        case duplicate([CallWarning], entryID: Int64)
        case rejected(id: String?, Problem)
    }

    private func record(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.report(team: context.principal.team))
        let isDryRun = try context.query("dry_run", "true or false") { Bool($0) } ?? false
        let batch = try context.query("batch", Field.nameExpectation) { Field.isName($0) ? $0 : nil }
        let events = try await Self.events(context.request)
        let now = server.replica.now().wall
        let principal = context.principal
        if isDryRun {
            return answer(try await toldOfTakenBack(try await trial(of: events, principal, now)), to: events)
        }
        let outcomes = await withCheckedContinuation { continuation in
            OutcomeJoin<Outcome>.begin(events) {
                record($0, principal, batch, now, done: $1)
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
        return answer(try await toldOfTakenBack(outcomes), to: events)
    }

    /// The outcomes, with a warning for each event that was taken back: whoever sends it again may mean to record it.
    private func toldOfTakenBack(_ outcomes: [Outcome]) async throws -> [Outcome] {
        let repeated = outcomes.compactMap { if case .duplicate(_, let entryID) = $0 { entryID } else { nil } }
        if repeated.isEmpty { return outcomes }
        let takenBack = try await server.database.read { try TakenBackUsage.among(repeated, $0) }
        return outcomes.map { outcome in
            guard case .duplicate(let warnings, let entryID) = outcome, takenBack.contains(entryID) else {
                return outcome
            }
            return .duplicate(warnings + [Self.takenBackWarning], entryID: entryID)
        }
    }

    private static let takenBackWarning = CallWarning(
        .takenBack, "This event was recorded and taken back, and stays so. To record it, give it another id.")

    private func record(
        _ event: Result<JSONValue, Problem>, _ principal: Principal, _ batch: String?, _ now: Timestamp,
        done: @escaping @Sendable (Outcome) -> Void
    ) {
        var id: String?
        do {
            let json = try event.get()
            let given = json["id"].flatMap(Field.id)
            id = given
            try server.record {
                var event = try UsageEvent(json, pointer: "", server: server, principal: principal, at: now)
                event.entry.usageBatch = batch
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
        case .success(.duplicate(let receipt)): .duplicate(warnings, entryID: receipt.entryID)
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
