import Accounting
import Hummingbird
import JSON
import Ledger

/// `/v1/agreements`: what the company pays in place of list prices.
struct AgreementRoutes: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.get, "v1/agreements", server, query: ["team"]) { try await list($0) }
        routes.on(.put, "v1/agreements/{name}", server) { try await put($0) }
        routes.on(.delete, "v1/agreements/{name}", server) { try await end($0) }
    }

    /// A team sees the agreements that apply to its calls.
    private func list(_ context: AuthenticatedContext) async throws -> Response {
        let team = try context.visibleTeam(server)
        let agreements = try await server.database.read { try AgreementStore.list(team: team, $0) }
        let names = server.configuration.names
        return .json(capacity: agreements.count * 256) {
            $0.name("agreements")
            $0.array(agreements) { writer, agreement in writer.object { agreement.writeFields(to: &$0, names) } }
        }
    }

    private func put(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.importPrices)
        let name = try context.name("name")
        let draft = try AgreementDraft(
            name: name, await context.request.json(), server.configuration)
        let changedBy = context.principal.name
        let stored = try await server.database.run { try AgreementStore.put(draft, changedBy: changedBy, $0) }
        return try await server.answer(change: stored.configurationVersion) {
            .json(stored.isNew ? .created : .ok) { stored.listed.writeFields(to: &$0, server.configuration.names) }
        }
    }

    private func end(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.importPrices)
        let name = try context.name("name")
        let version = try await server.database.run { try AgreementStore.end(name, $0) }
        return try await server.answer(change: version)
    }
}

extension AgreementStore.Listed {
    func writeFields(to writer: inout JSONWriter, _ names: TeamNames) {
        writer.field("name", agreement.name)
        writer.field("team", names.called(agreement.team))
        writer.field("provider", agreement.provider)
        writer.field("model", agreement.model)
        agreement.terms.writeFields(to: &writer)
        writer.field("valid_from", agreement.validFrom.description)
        writer.field("valid_until", agreement.validUntil?.description)
        writer.field("note", note)
        writer.field("added_by", addedBy)
        writer.field("added_at", addedAt.description)
    }
}

extension Agreement.Terms {
    /// Writes the terms in the form in which the client sent them.
    fileprivate func writeFields(to writer: inout JSONWriter) {
        switch self {
        case .share(let share):
            let difference = Fraction(millionths: abs(Fraction.whole.millionths - share.millionths))
            writer.name(share > .whole ? "markup" : "discount")
            writer.verbatim(difference.description)
        case .rates(let prices):
            writer.name("rates")
            writer.array(prices) { $1.writeRate(to: &$0) }
        }
    }
}

extension Price {
    fileprivate func writeRate(to writer: inout JSONWriter) {
        writer.object {
            $0.field("meter", meter.name)
            $0.field("service_tier", tier.rawValue)
            $0.field("above_context_tokens", aboveContextTokens)
            $0.field("unit_price_usd", FixedPoint.text(femtodollarsPerUnit, places: Price.places))
            $0.name("least_quantity")
            $0.integer(leastQuantity)
            $0.name("price_id")
            $0.integer(id)
        }
    }
}
