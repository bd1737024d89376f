import Accounting
import Hummingbird
import JSON
import Ledger

/// `/v1/credits`: money that providers were paid or granted in advance.
struct CreditRoutes: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.get, "v1/credits", server) { try await list($0) }
        routes.on(.put, "v1/credits/{id}", server) { try await put($0) }
        routes.on(.get, "v1/credits/{id}", server) { try await show($0) }
        routes.on(.delete, "v1/credits/{id}", server) { try await withdraw($0) }
    }

    private func list(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.read(team: nil))
        let credits = try await server.database.read { try CreditStore.list($0) }
        return .json(capacity: 64 + credits.count * 384) {
            $0.name("credits")
            $0.array(credits) { writer, credit in writer.object { credit.write(to: &$0, server.configuration.names) } }
        }
    }

    private func show(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.read(team: nil))
        let id = try context.name("id")
        let credit = try await server.database.read { try CreditStore.find(id, $0) }
        return .json { credit.write(to: &$0, server.configuration.names) }
    }

    private func put(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.changeCredits)
        let id = try context.name("id")
        let credit = try Credit(id: id, await context.request.json(), server.configuration)
        let name = context.principal.name
        let (stored, isNew) = try await server.database.run { try CreditStore.add(credit, addedBy: name, $0) }
        return .json(isNew ? .created : .ok) { stored.write(to: &$0, server.configuration.names) }
    }

    private func withdraw(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.changeCredits)
        let id = try context.name("id")
        let name = context.principal.name
        try await server.database.run { try CreditStore.withdraw(id, by: name, $0) }
        return Response(status: .noContent)
    }
}

extension StoredCredit {
    /// Writes the fields of a credit into an object.
    func write(to writer: inout JSONWriter, _ names: TeamNames) {
        writer.field("id", credit.id)
        writer.field("provider", credit.provider)
        writer.field("model", credit.model)
        writer.field("team", names.called(credit.team))
        writer.field("amount_usd", credit.amount)
        writer.field("drawn_usd", drawn)
        writer.field("remaining_usd", remaining)
        writer.field("valid_from", credit.validFrom.description)
        writer.field("valid_until", credit.validUntil?.description)
        writer.field("note", credit.note)
        writer.field("added_at", addedAt.description)
        writer.field("added_by", addedBy)
        writer.field("withdrawn_at", withdrawnAt?.description)
    }
}
