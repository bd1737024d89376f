import Accounting
import HTTPTypes
import Hummingbird
import JSON
import Ledger

/// `/v1/tokens`: the tokens that callers use.
struct TokenRoutes: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.get, "v1/tokens", server) { try await listTokens($0) }
        routes.on(.post, "v1/tokens", server) { try await createToken($0) }
        routes.on(.delete, "v1/tokens/{id}", server) { try await revokeToken($0) }
    }

    private func listTokens(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.administer)
        let tokens = try await server.database.read { try TokenStore.list($0) }
        let names = server.configuration.names
        return .json {
            $0.name("tokens")
            $0.array(tokens) { writer, token in
                writer.object {
                    $0.field("id", String(token.id))
                    $0.field("role", token.roleName)
                    $0.field("team", names.called(token.team))
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
        let names = server.configuration.names
        let team = fields.team(names)
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
            $0.field("team", names.called(token.team))
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
