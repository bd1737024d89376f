import Accounting
import HTTPTypes
import Hummingbird
import JSON
import Ledger

/// `/v1/teams`: the teams, what they are called, and what is said of them.
struct TeamRoutes: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.get, "v1/teams", server) { try await list($0) }
        routes.on(.put, "v1/teams/{name}", server) { try await create($0) }
        routes.on(.patch, "v1/teams/{name}", server) { try await change($0) }
        routes.on(.post, "v1/teams/{name}/rename", server) { try await rename($0) }
    }

    private func list(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.read(team: nil))
        let teams = try await server.database.read { try TeamStore.list($0) }
        return .json {
            $0.name("teams")
            $0.array(teams) { writer, team in writer.object { team.write(to: &$0) } }
        }
    }

    private func create(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.administer)
        let name = try context.name("name")
        let (team, version) = try await server.database.run { try TeamStore.create(name, $0) }
        return try await server.answer(change: version) {
            .json(version == nil ? .ok : .created) { team.write(to: &$0) }
        }
    }

    private func change(_ context: AuthenticatedContext) async throws -> Response {
        let name = try context.team("name", server)
        // As with the company's budgets: the team does not say itself what it is charged.
        try context.principal.require(.changeBudgets(of: .company, team: name))
        let patch = try Team.Patch(await context.request.json())
        let (team, version) = try await server.database.run { try TeamStore.change(name, patch, $0) }
        return try await server.answer(change: version) { .json { team.write(to: &$0) } }
    }

    private func rename(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.move)
        let team = try context.team("name", server)
        var fields = JSONFields(try await context.request.json())
        let name = fields.required("name", Field.nameExpectation, Field.name)
        let reason = fields.optional("reason", Field.noteExpectation, Field.note)
        try fields.finish()
        let author = context.principal.name
        let (renamed, version) = try await server.database.run {
            try TeamStore.rename(team, to: name!, by: author, reason: reason, $0)
        }
        return try await server.answer(change: version) { .json { renamed.write(to: &$0) } }
    }
}

extension Team {
    /// Writes the fields of a team into an object.
    fileprivate func write(to writer: inout JSONWriter) {
        writer.field("name", name)
        writer.name("former_names")
        writer.array(formerNames) { $0.string($1) }
        writer.field("created_at", createdAt.description)
        writer.field("unsettled", settings.unsettled?.rawValue)
        writer.field("owner", settings.owner)
        writer.field("cost_center", settings.costCenter)
        writer.field("display_name", settings.displayName)
    }
}

extension Team.Patch {
    /// Reads what is named; null takes a setting away.
    fileprivate init(_ body: JSONValue) throws {
        self.init()
        var fields = JSONFields(body)
        let unsettled: BudgetRules.Unsettled? = fields.optional(
            "unsettled", Field.choices(BudgetRules.Unsettled.self), Field.choice)
        if body["unsettled"] != nil { self.unsettled = .some(unsettled) }
        let owner = fields.optional("owner", Field.noteExpectation, Field.note)
        if body["owner"] != nil { self.owner = .some(owner) }
        let costCenter = fields.optional("cost_center", Field.nameExpectation, Field.name)
        if body["cost_center"] != nil { self.costCenter = .some(costCenter) }
        let displayName = fields.optional("display_name", Field.noteExpectation, Field.note)
        if body["display_name"] != nil { self.displayName = .some(displayName) }
        try fields.finish()
    }
}
