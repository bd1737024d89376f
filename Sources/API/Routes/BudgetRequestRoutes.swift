import Accounting
import HTTPTypes
import Hummingbird
import JSON
import Ledger

/// `/v1/requests`: requests for more of a budget, and what became of them.
struct BudgetRequestRoutes: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.get, "v1/requests", server, query: ["team", "state"]) { try await list($0) }
        routes.on(.get, "v1/requests/{number}", server) { try await show($0) }
        routes.on(.post, "v1/requests/{number}/approve", server) { try await decide(.approved, $0) }
        routes.on(.post, "v1/requests/{number}/deny", server) { try await decide(.denied, $0) }
        routes.on(.post, "v1/requests/{number}/withdraw", server) { try await decide(.withdrawn, $0) }
    }

    private func list(_ context: AuthenticatedContext) async throws -> Response {
        let team = try context.visibleTeam(server)
        let state: BudgetRequest.State? = try context.query(
            "state", "one of \(BudgetRequest.State.allCases.map(\.rawValue).joined(separator: ", "))",
            BudgetRequest.State.init(rawValue:))
        let requests = try await server.database.read { try BudgetRequestStore.list(ofTeam: team, in: state, $0) }
        return .json(capacity: 64 + requests.count * 512) {
            $0.name("requests")
            $0.array(requests) { writer, request in writer.object { request.write(to: &$0, server.configuration.names) }
            }
        }
    }

    private func show(_ context: AuthenticatedContext) async throws -> Response {
        let request = try await find(context)
        return .json { request.write(to: &$0, server.configuration.names) }
    }

    private func decide(_ decision: BudgetRequestStore.Decision, _ context: AuthenticatedContext) async throws
        -> Response
    {
        let request = try await find(context)
        var fields = JSONFields(try await context.request.json())
        let reason = fields.optional("reason", Field.noteExpectation, Field.note)
        try fields.finish()
        guard let budget = server.configuration.scopes.budget(request.budgetNumber) else {
            throw Problem(.notFound, "There is no budget \(request.budgetID) any more.")
        }
        // Who has asked may take that back.
        let author =
            decision == .withdrawn
            ? context.principal.asker(of: budget.scope.team, reason: reason)
            : try context.principal.author(of: budget.scope.team, reason: reason)
        let stored = try await server.database.run {
            try BudgetRequestStore.decide(decision, request.number, of: budget, by: author, $0)
        }
        return try await server.answer(change: stored.configurationVersion) {
            .json { stored.request.write(to: &$0, server.configuration.names) }
        }
    }

    /// The request of the path, if the caller may read it.
    private func find(_ context: AuthenticatedContext) async throws -> BudgetRequest {
        let number = try context.number(else: "There is no such request")
        let found = try await server.database.lookUp { try BudgetRequestStore.find(number, $0) }
        return try context.principal.visible(found, of: \.team, else: "There is no request \(number)")
    }
}

extension BudgetRoutes {
    /// `POST /v1/budgets/{id}/requests`: asks for more.
    func ask(_ context: AuthenticatedContext) async throws -> Response {
        let budget = try find(context)
        let (name, team) = (context.principal.name, context.principal.team ?? budget.scope.team)
        let draft = try BoostDraft(await context.request.json(), of: budget, at: server.replica.now().wall)
        let stored = try await server.database.run {
            try BudgetRequestStore.ask(draft, of: budget, team: team, by: name, $0)
        }
        return try await server.answer(change: stored.configurationVersion) {
            .json(.created) { stored.request.write(to: &$0, server.configuration.names) }
        }
    }
}

extension BudgetRequest {
    /// Writes the fields of a request into an object.
    func write(to writer: inout JSONWriter, _ names: TeamNames) {
        writer.field("number", number)
        writer.field("budget", budgetID)
        writer.field("team", names.called(team))
        writer.amount(.added, amount, of: unit)
        writer.field("from", startsAt)
        writer.field("until", endsAt)
        writer.field("reason", reason)
        writer.field("state", state.rawValue)
        writer.field("expires_at", expiresAt)
        writer.field("made_at", madeAt)
        writer.field("made_by", madeBy)
        writer.field("decided_at", decidedAt)
        writer.field("decided_by", decidedBy)
        writer.field("decision_reason", decisionReason)
        writer.field("boost", boostNumber)
    }
}
