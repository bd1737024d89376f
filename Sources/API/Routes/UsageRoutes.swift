import Accounting
import HTTPTypes
import Hummingbird
import JSON
import Ledger

/// `POST /v1/usage` records calls that were never authorized. `GET /v1/usage` lists the newest entries, and from there
/// on every entry as it arrives, so that a client can follow the ledger.
struct UsageRoutes: Sendable {
    let server: ServerContext

    static let maximumEvents = 10_000

    func add(to routes: RouteTable) {
        routes.on(.post, "v1/usage", server, query: ["dry_run"]) { try await record($0) }
        routes.on(.get, "v1/usage", server, query: ["team", "after", "limit"]) { try await list($0) }
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
        case .success(.ended), .success(.alreadyEnded): preconditionFailure("an event is recorded or not")
        case .failure(let failure): .rejected(id: id, Problem(failure))
        }
    }

    static let isTaken = "This id was recorded before with other content."

    private func answer(_ outcomes: [Outcome], to events: [Result<JSONValue, Problem>]) -> Response {
        var accepted: Int64 = 0
        var duplicates: Int64 = 0
        var warned: [(index: Int, warning: CallWarning)] = []
        var rejected: [(index: Int, id: String?, problem: Problem)] = []
        for (index, outcome) in outcomes.enumerated() {
            switch outcome {
            case .accepted(let warnings):
                accepted += 1
                warned += warnings.map { (index, $0) }
            case .duplicate(let warnings):
                duplicates += 1
                warned += warnings.map { (index, $0) }
            case .rejected(let id, let problem): rejected.append((index, id, problem))
            }
        }
        return .json {
            $0.field("accepted", accepted)
            $0.field("duplicates", duplicates)
            $0.name("rejected")
            $0.array(rejected) { writer, rejection in
                writer.object {
                    $0.field("index", Int64(rejection.index))
                    $0.field("id", rejection.id)
                    $0.field("code", rejection.problem.code.rawValue)
                    $0.field("detail", rejection.problem.detail)
                }
            }
            $0.name("warnings")
            $0.array(warned) { writer, event in
                writer.object {
                    $0.field("index", Int64(event.index))
                    $0.field("id", (try? events[event.index].get())?["id"]?.string)
                    event.warning.writeFields(to: &$0)
                }
            }
        }
    }

    /// The events of a body: a list under `events`, or one event a line. Reading stops once there are more than
    /// `maximumEvents`.
    private static func events(_ request: Request) async throws -> [Result<JSONValue, Problem>] {
        let bytes = try await request.bytes(limit: Request.maximumBatchBytes)
        let events: [Result<JSONValue, Problem>]
        if request.headers[.contentType]?.hasPrefix("application/x-ndjson") == true {
            let lines = bytes.split(
                maxSplits: maximumEvents + 1, whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") })
            guard lines.count <= maximumEvents else { throw tooMany }
            events = lines.map { line in
                do throws(JSONFailure) {
                    return .success(try JSONDocument(Array(line)).root)
                } catch {
                    return .failure(Problem(error))
                }
            }
        } else {
            var fields = JSONFields(try JSONDocument(bytes).root)
            let list = fields.required("events", "a list of events") { value in
                value.kind == .array ? Array(value.elements.prefix(maximumEvents + 1)) : nil
            }
            try fields.finish()
            events = (list ?? []).map(Result.success)
            guard events.count <= maximumEvents else { throw tooMany }
        }
        return events
    }

    private static let tooMany = Problem(
        fields: [FieldError(pointer: "/events", detail: "must be at most \(maximumEvents) events")])

    private func list(_ context: AuthenticatedContext) async throws -> Response {
        let team = try context.visibleTeam(server)
        let position = try context.query(
            "after", "what an earlier answer has as next", maximumBytes: LedgerPosition.maximumBytes
        ) { LedgerPosition(text: $0) }
        let limit =
            try context.query("limit", "a whole number from 1 to 1000") { text in
                Int64(text).flatMap { (1...1000).contains($0) ? $0 : nil }
            } ?? 20
        let page = try await server.database.read { connection in
            if let position {
                try EntryList.following(position, team: team, limit: limit, connection)
            } else {
                try EntryList.newest(team: team, limit: limit, connection)
            }
        }
        return .json(capacity: 64 + page.entries.count * 320) {
            $0.name("entries")
            $0.array(page.entries) { $1.write(to: &$0) }
            $0.field("next", page.position.text)
            $0.field("more", page.hasMore)
        }
    }
}

extension EntryList.Entry {
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("entry_id", String(entryID))
            $0.field("recorded_at", recordedAt.description)
            $0.field("occurred_at", occurredAt.description)
            $0.field("kind", kind)
            $0.field("corrects_entry_id", correctsEntryID.map(String.init))
            $0.field("team", who.team)
            $0.field("feature", who.feature)
            $0.field("user", who.user)
            $0.field("run", who.run)
            $0.name("tags")
            $0.object { for tag in who.tags { $0.field(named: tag.key, tag.value) } }
            $0.field("request_id", requestID)
            $0.field("requested_model", requestedModel)
            $0.field("model", model.model)
            $0.field("provider", model.provider)
            $0.field("service_tier", tier)
            $0.field("region", region)
            $0.field("status", status)
            $0.field("attempt", attempt)
            $0.name("usage")
            $0.object { for line in lines { $0.field(named: line.meter.name, line.quantity) } }
            $0.field("input_tokens", inputTokens)
            $0.field("output_tokens", outputTokens)
            $0.field("residual_tokens", residualTokens)
            $0.field("cost_usd", cost)
            $0.field("list_cost_usd", listCost)
            $0.field("unpriced", cost == nil)
            $0.field("provider_cost_usd", providerCost)
            $0.field("provider_request_id", providerRequestID)
            $0.name("warnings")
            $0.verbatim(warnings)
        }
    }
}
