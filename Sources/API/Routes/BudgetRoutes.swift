import Accounting
import HTTPTypes
import Hummingbird
import JSON
import Ledger

/// `/v1/budgets`: the budgets, with what is spent and held in their current windows.
struct BudgetRoutes: Sendable {
    let server: ServerContext

    /// For this many seconds after a budget was made, a repeated PUT of the unchanged budget computes its opening
    /// again. The opening is what was spent in the first window before the budget existed.
    private static let openingSeconds: Int64 = 3600

    func add(to routes: RouteTable) {
        routes.on(.get, "v1/budgets", server) { try await list($0) }
        routes.on(.put, "v1/budgets/{id}", server) { try await put($0) }
        routes.on(.get, "v1/budgets/{id}", server) { try await show($0) }
        routes.on(.delete, "v1/budgets/{id}", server) { try await remove($0) }
        routes.on(.get, "v1/budgets/{id}/history", server) { try await history($0) }
    }

    private func list(_ context: AuthenticatedContext) async throws -> Response {
        let team = try context.principal.visibleTeam(context.request.query("team"))
        let budgets = server.configuration.budgets.values
            .filter { team == nil || $0.scope.team == team }.sorted { $0.id < $1.id }
        let now = server.replica.now().wall
        let balances = try await server.replica.balances(of: budgets)
        return .json(capacity: budgets.count * 384) {
            $0.name("budgets")
            $0.array(budgets) { writer, budget in
                let (spent, held) = balances[budget.number] ?? (0, 0)
                budget.write(to: &writer, spent: spent, held: held, at: now)
            }
        }
    }

    private func show(_ context: AuthenticatedContext) async throws -> Response {
        let budget = try find(context)
        try context.principal.require(.read(team: budget.scope.team))
        return try await answer(budget, .ok)
    }

    private func put(_ context: AuthenticatedContext) async throws -> Response {
        let id = try context.name("id")
        let draft = try BudgetDraft(id: id, await context.request.json())
        try context.principal.require(.change(team: draft.scope.team))
        let expecting = try Self.expectation(context.request.headers[.ifMatch])
        let name = context.principal.name
        let prices = server.configuration.prices
        let models = draft.scope.model.map {
            prices.models(meantBy: prices.name(of: $0, provider: draft.scope.provider))
        }
        let stored = try await server.database.run { connection in
            try BudgetStore.put(
                draft, models: models, expecting: expecting, changedBy: name, content: \.settings, connection)
        }
        try await server.replica.awaitConfiguration(stored.configurationVersion)
        // Computes the opening again, now that every replica counts the budget. A repeated PUT does the same, in case
        // the answer to the first was lost or this step failed.
        let now = server.replica.now().wall
        if stored.budget.version == 1, stored.budget.createdAt.adding(seconds: Self.openingSeconds) > now {
            try await server.database.run { try BudgetOpening.refresh(stored.budget, models: models, $0) }
        }
        return try await answer(stored.budget, stored.isNew ? .created : .ok)
    }

    private static func expectation(_ ifMatch: String?) throws(Problem) -> BudgetStore.Expectation? {
        guard let ifMatch else { return nil }
        if ifMatch == "*" { return .exists }
        guard let version = Int64(ifMatch.filter { $0 != "\"" }) else {
            throw Problem(.versionMismatch, "If-Match must be the ETag of the budget, such as \"3\".")
        }
        return .version(version)
    }

    private func remove(_ context: AuthenticatedContext) async throws -> Response {
        let budget = try find(context)
        try context.principal.require(.change(team: budget.scope.team))
        if case .version(let version) = try Self.expectation(context.request.headers[.ifMatch]),
            version != budget.version
        {
            throw StoreFailure.versionMismatch
        }
        let name = context.principal.name
        let version = try await server.database.run {
            try BudgetStore.remove(budget.id, changedBy: name, $0)
        }
        try await server.replica.awaitConfiguration(version)
        return Response(status: .noContent)
    }

    private func history(_ context: AuthenticatedContext) async throws -> Response {
        let id = try context.name("id")
        let budget = server.configuration.budgets.values.first { $0.id == id }
        try context.principal.require(.read(team: budget?.scope.team))
        let changes = try await server.database.run { try BudgetStore.history(id, $0) }
        guard !changes.isEmpty else { throw Problem(.notFound, "There is no budget \(id).") }
        return .json(capacity: changes.count * 384) {
            $0.name("history")
            $0.array(changes) { writer, change in
                writer.object {
                    $0.field("changed_at", change.changedAt.description)
                    $0.field("changed_by", change.changedBy)
                    guard let content = try? JSONDocument(text: change.content).root else { return }
                    if content["version"] == nil { $0.field("version", change.version) }
                    for (name, value) in content.fields {
                        $0.name(of: name)
                        $0.verbatim(value.source)
                    }
                }
            }
        }
    }

    private func find(_ context: AuthenticatedContext) throws -> Budget {
        let id = try context.name("id")
        guard let budget = server.configuration.budgets.values.first(where: { $0.id == id }) else {
            throw Problem(.notFound, "There is no budget \(id).")
        }
        return budget
    }

    private func answer(_ budget: Budget, _ status: HTTPResponse.Status) async throws -> Response {
        let now = server.replica.now().wall
        let (spent, held) = try await server.replica.balances(of: [budget])[budget.number] ?? (0, 0)
        var writer = JSONWriter()
        budget.write(to: &writer, spent: spent, held: held, at: now)
        return Response(
            status: status, headers: [.contentType: "application/json", .eTag: "\"\(budget.version)\""],
            body: .init(byteBuffer: .init(bytes: writer.bytes)))
    }
}
