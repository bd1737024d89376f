import Accounting
import HTTPTypes
import Hummingbird
import JSON
import Ledger

/// `/v1/budgets`: what may be spent.
struct BudgetRoutes: Sendable {
    let office: Office

    /// For how long a budget that is put again, unchanged, has its opening worked out again.
    private static let openingSeconds: Int64 = 3600

    func add(to routes: OfficeRoutes) {
        routes.on(.get, "v1/budgets", office) { try await list($0) }
        routes.on(.put, "v1/budgets/{id}", office) { try await put($0) }
        routes.on(.get, "v1/budgets/{id}", office) { try await show($0) }
        routes.on(.delete, "v1/budgets/{id}", office) { try await remove($0) }
        routes.on(.get, "v1/budgets/{id}/history", office) { try await history($0) }
    }

    private func list(_ inquiry: Inquiry) async throws -> Response {
        let team = try inquiry.principal.visibleTeam(inquiry.request.query("team"))
        let budgets = office.configuration.budgets.values
            .filter { team == nil || $0.scope.team == team }.sorted { $0.id < $1.id }
        let now = office.replica.now().wall
        let standings = try await office.replica.standings(of: budgets)
        return .json(capacity: budgets.count * 384) {
            $0.name("budgets")
            $0.array(budgets) { writer, budget in
                let (spent, held) = standings[budget.number] ?? (0, 0)
                budget.write(to: &writer, spent: spent, held: held, at: now)
            }
        }
    }

    private func show(_ inquiry: Inquiry) async throws -> Response {
        let budget = try find(inquiry)
        try inquiry.principal.require(.read(team: budget.scope.team))
        return try await answer(budget, .ok)
    }

    private func put(_ inquiry: Inquiry) async throws -> Response {
        let id = try inquiry.name("id")
        let draft = try BudgetDraft(id: id, await inquiry.request.json())
        try inquiry.principal.require(.change(team: draft.scope.team))
        let expecting = try Self.expectation(inquiry.request.headers[.ifMatch])
        let name = inquiry.principal.name
        let model = draft.scope.model.map {
            office.configuration.prices.name(of: $0, provider: draft.scope.provider)
        }
        let stored = try await office.database.run { connection in
            try BudgetStore.put(
                draft, model: model, expecting: expecting, changedBy: name, content: \.settings, connection)
        }
        try await office.replica.awaitConfiguration(stored.configurationVersion)
        // Again where the answer to a first attempt was lost, or this very step failed.
        let now = office.replica.now().wall
        if stored.budget.version == 1, stored.budget.createdAt.adding(seconds: Self.openingSeconds) > now {
            try await office.database.run { try BudgetOpening.refresh(stored.budget, model: model, $0) }
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

    private func remove(_ inquiry: Inquiry) async throws -> Response {
        let budget = try find(inquiry)
        try inquiry.principal.require(.change(team: budget.scope.team))
        if case .version(let version) = try Self.expectation(inquiry.request.headers[.ifMatch]),
            version != budget.version
        {
            throw StoreFailure.versionMismatch
        }
        let name = inquiry.principal.name
        let version = try await office.database.run {
            try BudgetStore.remove(budget.id, changedBy: name, $0)
        }
        try await office.replica.awaitConfiguration(version)
        return Response(status: .noContent)
    }

    private func history(_ inquiry: Inquiry) async throws -> Response {
        let id = try inquiry.name("id")
        let budget = office.configuration.budgets.values.first { $0.id == id }
        try inquiry.principal.require(.read(team: budget?.scope.team))
        let changes = try await office.database.run { try BudgetStore.history(id, $0) }
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
                        $0.name(name)
                        $0.verbatim(value.source)
                    }
                }
            }
        }
    }

    private func find(_ inquiry: Inquiry) throws -> Budget {
        let id = try inquiry.name("id")
        guard let budget = office.configuration.budgets.values.first(where: { $0.id == id }) else {
            throw Problem(.notFound, "There is no budget \(id).")
        }
        return budget
    }

    private func answer(_ budget: Budget, _ status: HTTPResponse.Status) async throws -> Response {
        let now = office.replica.now().wall
        let (spent, held) = try await office.replica.standings(of: [budget])[budget.number] ?? (0, 0)
        var writer = JSONWriter()
        budget.write(to: &writer, spent: spent, held: held, at: now)
        return Response(
            status: status, headers: [.contentType: "application/json", .eTag: "\"\(budget.version)\""],
            body: .init(byteBuffer: .init(bytes: writer.bytes)))
    }
}
