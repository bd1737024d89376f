import Accounting
import HTTPTypes
import Hummingbird
import JSON
import Ledger

/// `/v1/budgets`: the budgets, with what is spent and held in their current windows.
struct BudgetRoutes: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.get, "v1/budgets", server, query: ["team"]) { try await list($0) }
        routes.on(.put, "v1/budgets/{id}", server, query: ["dry_run"]) { try await put($0) }
        routes.on(.get, "v1/budgets/{id}", server) { try await show($0) }
        routes.on(.patch, "v1/budgets/{id}", server) { try await patch($0) }
        routes.on(.delete, "v1/budgets/{id}", server, query: ["reason"]) { try await remove($0) }
        routes.on(.get, "v1/budgets/{id}/history", server) { try await history($0) }
        routes.on(.get, "v1/budgets/{id}/windows", server, query: ["limit", "sort"]) { try await windows($0) }
        routes.on(.get, "v1/budgets/{id}/windows/{value}", server) { try await window($0) }
        routes.on(.get, "v1/budgets/{id}/boosts", server) { try await boosts($0) }
        routes.on(.post, "v1/budgets/{id}/boosts", server) { try await boost($0) }
        routes.on(.delete, "v1/budgets/{id}/boosts/{number}", server) { try await withdrawBoost($0) }
        routes.on(.post, "v1/budgets/{id}/requests", server) { try await ask($0) }
        routes.on(.get, "v1/budgets/{id}/changes", server) { try await plannedChanges($0) }
        routes.on(.delete, "v1/budgets/{id}/changes/{number}", server) { try await withdrawChange($0) }
    }

    private func list(_ context: AuthenticatedContext) async throws -> Response {
        let (team, asked) = (try context.visibleTeam(server), try context.query("team"))
        let configuration = server.configuration
        let budgets = configuration.budgets
            .filter { context.principal.sees($0) && (asked == nil || $0.scope.team == team) }
            .sorted { $0.id < $1.id }
        let now = server.replica.now().wall
        let balances = try await server.replica.balances(of: budgets)
        return .json(capacity: budgets.count * 384) {
            $0.field("as_of", now)
            $0.name("budgets")
            $0.array(budgets) { writer, budget in
                if let balance = balances[budget.number] {
                    budget.write(to: &writer, balance, at: now, configuration.names)
                }
            }
        }
    }

    private func show(_ context: AuthenticatedContext) async throws -> Response {
        let budget = try find(context)
        return try await answer(budget, .ok)
    }

    private func put(_ context: AuthenticatedContext) async throws -> Response {
        let draft = try BudgetDraft(id: context.name("id"), await context.request.json()) {
            server.configuration.meant($0)
        }
        let expecting = try Self.expectation(context.request.headers[.ifMatch])
        guard try context.query("dry_run", "true or false", { Bool($0) }) == true else {
            return try await store(draft, expecting: expecting, by: context.principal)
        }
        let author = try context.principal.author(of: draft.scope.team, reason: draft.reason)
        let tried = try await server.database.run {
            try BudgetStore.tryPut(draft, expecting: expecting, by: author, $0)
        }
        let names = server.configuration.names
        return .json { tried.writeSettings(to: &$0, names) }
    }

    /// Changes the fields that the body names. What somebody else changes meanwhile is not undone by it.
    private func patch(_ context: AuthenticatedContext) async throws -> Response {
        let budget = try find(context)
        let patch = try BudgetPatch(await context.request.json())
        let expecting = try Self.expectation(context.request.headers[.ifMatch])
        if let moment = try patch.effectiveFrom(at: server.replica.now().wall) {
            return try await plan(patch, of: budget, at: moment, expecting: expecting, by: context.principal)
        }
        let author = try context.principal.author(of: budget.scope.team)
        let (content, reading) = (patch.content(server.configuration.names), BudgetReading.patches(server.log))
        let stored = try await server.database.run {
            try BudgetStore.patch(budget, content, expecting: expecting, by: author, reading, $0)
        }
        return try await server.answer(change: stored.configurationVersion) { try await answer(stored.budget, .ok) }
    }

    private func store(
        _ draft: BudgetDraft, expecting: BudgetStore.Expectation?, by principal: Principal
    ) async throws -> Response {
        let author = try principal.author(of: draft.scope.team, reason: draft.reason)
        let prices = server.configuration.prices
        let stored = try await server.database.run { connection in
            try BudgetStore.put(
                draft, prices: prices, expecting: expecting, by: author, content: \.settings, connection)
        }
        return try await server.answer(change: stored.configurationVersion) {
            // Maintenance does this too, where it fails here or some replica lacks the budget for long.
            if stored.isNew { try await server.replica.finishOpening(of: stored.budget.number) }
            return try await answer(stored.budget, stored.isNew ? .created : .ok)
        }
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
        let author = try context.principal.author(of: budget.scope.team, reason: context.query("reason"))
        let expecting = try Self.expectation(context.request.headers[.ifMatch])
        let version = try await server.database.run {
            try BudgetStore.remove(budget, expecting: expecting, by: author, $0)
        }
        return try await server.answer(change: version)
    }

    /// The changes of all budgets that had this id, as far as the caller may read those budgets: an id that one team
    /// has given up may be another's today.
    private func history(_ context: AuthenticatedContext) async throws -> Response {
        let id = try context.name("id")
        let all = try await server.database.read { try BudgetStore.history(id, $0) }
        let changes = all.filter { context.principal.may(.read(team: $0.team ?? context.principal.team)) }
        _ = try context.principal.visible(
            changes.first ?? all.first, of: { $0.team ?? context.principal.team }, else: "There is no budget \(id)",
            missing: .budget(id))
        let names = server.configuration.names
        return .json(capacity: changes.count * 384) {
            $0.name("history")
            $0.array(changes) { writer, change in
                writer.object {
                    $0.field("changed_at", change.changedAt.description)
                    $0.field("changed_by", change.changedBy)
                    $0.field("reason", change.reason)
                    guard let content = try? JSONDocument(text: change.content).root else { return }
                    if content["version"] == nil { $0.field("version", change.version) }
                    for (name, value) in content.fields { $0.setting(name, value) { names.name(of: $0) } }
                }
            }
        }
    }

    /// The budget of the path, if the caller may read it.
    func find(_ context: AuthenticatedContext) throws(Problem) -> Budget {
        let id = try context.name("id")
        return try context.principal.visible(
            server.configuration.budget(id: id), of: { $0.scope.team ?? context.principal.team },
            else: "There is no budget \(id)", missing: .budget(id))
    }

    private func answer(_ budget: Budget, _ status: HTTPResponse.Status) async throws -> Response {
        let now = server.replica.now().wall
        let balances = try await server.replica.balances(of: [budget])
        guard let balance = balances[budget.number] else { throw Problem.unavailable }
        var reachesSomebody = false
        // Most budgets have no alerts, and then there is nothing to look up.
        if !budget.alertAt.isEmpty {
            reachesSomebody = try await server.database.lookUp {
                try AlertChannelStore.isAny(for: budget.scope.team, $0)
            }
        }
        let advice = BudgetAdvice.of(budget, server.configuration, reachesSomebody: reachesSomebody)
        var writer = JSONWriter()
        budget.write(to: &writer, balance, at: now, server.configuration.names) { $0.warnings(advice) }
        return Response(
            status: status, headers: [.contentType: "application/json", .eTag: "\"\(budget.version)\""],
            body: .init(byteBuffer: .init(bytes: writer.bytes)))
    }
}
