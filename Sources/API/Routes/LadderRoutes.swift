import Accounting
import Hummingbird
import JSON
import Ledger

/// `/v1/ladders`: which models a team or one of its features may use.
struct LadderRoutes: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.get, "v1/ladders", server, query: ["team"]) { try await list($0) }
        for path in ["v1/ladders/{team}", "v1/ladders/{team}/{feature}"] {
            routes.on(.put, path, server) { try await put($0) }
            routes.on(.get, path, server) { try await show($0) }
            routes.on(.delete, path, server) { try await remove($0) }
        }
    }

    private func place(_ context: AuthenticatedContext) throws -> (team: String, feature: String?) {
        let hasFeature = context.parameters.get("feature") != nil
        return (try context.team("team", server), hasFeature ? try context.name("feature") : nil)
    }

    private func list(_ context: AuthenticatedContext) async throws -> Response {
        let team = try context.visibleTeam(server)
        let ladders = try await server.database.read { try LadderStore.list(team: team, $0) }
        return .json {
            $0.name("ladders")
            $0.array(ladders) { $1.write(to: &$0, server.configuration.names) }
        }
    }

    private func show(_ context: AuthenticatedContext) async throws -> Response {
        let (team, feature) = try place(context)
        try context.principal.require(.read(team: team))
        let ladders = try await server.database.read { try LadderStore.list(team: team, $0) }
        guard let ladder = ladders.first(where: { $0.feature == feature }) else {
            throw Problem(.notFound, "There is no such ladder.")
        }
        return answer(ladder)
    }

    private func put(_ context: AuthenticatedContext) async throws -> Response {
        let (team, feature) = try place(context)
        try context.principal.require(.change(team: team))
        var fields = JSONFields(try await context.request.json())
        let models = fields.required("models", "1 to 32 different models, best first") { value in
            Call.modelNames(value).flatMap { $0.count <= 32 && Set($0).count == $0.count ? $0 : nil }
        }
        let floor = fields.optional("floor", "one of the models", Field.model)
        if let models, let floor, !models.contains(floor) { fields.refuse("floor", "must be one of the models") }
        // Refuses a model that no provider sells or that several sell. If such a model were stored without an error, it
        // would make calls be denied later.
        for (index, model) in (models ?? []).enumerated() {
            if let detail = problem(with: model) {
                fields.refuse([FieldError(pointer: "/models/\(index)", detail: detail)])
            }
        }
        try fields.finish()
        let ladder = Ladder(team: team, feature: feature, models: models!, floor: floor)
        let version = try await server.database.run { try LadderStore.put(ladder, $0) }
        return try await server.answer(change: version) { answer(ladder) }
    }

    private func problem(with model: String) -> String? {
        switch server.configuration.prices.resolve(model) {
        case .priced: nil
        case .unpriced: server.configuration.prices.unknownModel(model, provider: nil)
        case .ambiguous(let names):
            "\(PriceBook.Resolution.choices(names)): name it as provider/model"
        }
    }

    private func remove(_ context: AuthenticatedContext) async throws -> Response {
        let (team, feature) = try place(context)
        try context.principal.require(.change(team: team))
        let version = try await server.database.run { try LadderStore.remove(team: team, feature: feature, $0) }
        return try await server.answer(change: version)
    }

    private func answer(_ ladder: Ladder) -> Response {
        var writer = JSONWriter()
        ladder.write(to: &writer, server.configuration.names)
        return .text("application/json", writer.bytes)
    }
}

extension Ladder {
    func write(to writer: inout JSONWriter, _ names: TeamNames) {
        writer.object {
            $0.field("team", names.name(of: team))
            $0.field("feature", feature)
            $0.name("models")
            $0.array(models) { $0.string($1) }
            $0.field("floor", floor)
        }
    }
}
