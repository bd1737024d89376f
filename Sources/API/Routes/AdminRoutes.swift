import Accounting
import HTTPTypes
import Hummingbird
import JSON
import Ledger

/// `/v1/teams` and `/v1/tokens`: the teams, and the tokens that callers use.
struct AdminRoutes: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.get, "v1/teams", server) { try await listTeams($0) }
        routes.on(.put, "v1/teams/{name}", server) { try await createTeam($0) }
        routes.on(.get, "v1/tokens", server) { try await listTokens($0) }
        routes.on(.post, "v1/tokens", server) { try await createToken($0) }
        routes.on(.delete, "v1/tokens/{id}", server) { try await revokeToken($0) }
    }

    private func listTeams(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.read(team: nil))
        let teams = try await server.database.read { try TeamStore.list($0) }
        return .json {
            $0.name("teams")
            $0.array(teams) { $1.write(to: &$0) }
        }
    }

    private func createTeam(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.administer)
        let name = try context.name("name")
        let (team, version) = try await server.database.run { try TeamStore.create(name, $0) }
        return try await server.answer(change: version) {
            var writer = JSONWriter()
            team.write(to: &writer)
            return Response(
                status: version == nil ? .ok : .created, headers: [.contentType: "application/json"],
                body: .init(byteBuffer: .init(bytes: writer.bytes)))
        }
    }

    private func listTokens(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.administer)
        let tokens = try await server.database.read { try TokenStore.list($0) }
        return .json {
            $0.name("tokens")
            $0.array(tokens) { writer, token in
                writer.object {
                    $0.field("id", String(token.id))
                    $0.field("role", token.roleName)
                    $0.field("team", token.team)
                    $0.field("name", token.name)
                    $0.field("created_at", token.createdAt.description)
                    $0.field("last_used_at", token.lastUsedAt?.description)
                    $0.field("revoked_at", token.revokedAt?.description)
                }
            }
        }
    }

    private func createToken(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.administer)
        var fields = JSONFields(try await context.request.json())
        let role: Role? = fields.required("role", Field.choices(Role.self), Field.choice)
        let team = fields.optional("team", Field.nameExpectation, Field.name)
        let name = fields.optional("name", Field.nameExpectation, Field.name)
        if role == .team, team == nil { fields.refuse("team", "is required for the role team") }
        if let role, role.isForAllTeams, team != nil {
            fields.refuse("team", "must be absent: the role \(role.rawValue) is for all teams")
        }
        try fields.finish()
        let bearer = try Access.token(context.request.headers[.authorization])
        let repeatable = try context.idempotencyKey().map { TokenRequest(key: $0, callerToken: bearer) }
        let (text, token) = try await server.database.run {
            try TokenStore.create(role: role!, team: team, name: name, for: repeatable, $0)
        }
        return .json(.created) {
            $0.field("id", String(token.id))
            $0.field("token", text)
            $0.field("role", token.roleName)
            $0.field("team", token.team)
            $0.field("name", token.name)
        }
    }

    private func revokeToken(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.administer)
        guard let id = context.parameters.get("id", as: Int64.self) else {
            throw Problem(.notFound, "There is no such token.")
        }
        let version = try await server.database.run { try TokenStore.revoke(id, $0) }
        return try await server.answer(change: version)
    }
}

extension Team {
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("name", name)
            $0.field("created_at", createdAt.description)
        }
    }
}
