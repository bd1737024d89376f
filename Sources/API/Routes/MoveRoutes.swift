import Accounting
import Hummingbird
import JSON
import Ledger

/// `/v1/features/{team}/{feature}/move` and `/v1/moves`: features that go to another team or name.
struct MoveRoutes: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.get, "v1/moves", server, query: ["team"]) { try await list($0) }
        routes.on(.post, "v1/features/{team}/{feature}/move", server) { try await move($0) }
    }

    private func list(_ context: AuthenticatedContext) async throws -> Response {
        let team = try context.visibleTeam(server)
        let moves = try await server.database.read { try RecordedMove.list(team: team, $0) }
        return .json(capacity: 64 + moves.count * 256) {
            $0.name("moves")
            $0.array(moves) { writer, move in writer.object { move.write(to: &$0) } }
        }
    }

    private func move(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.move)
        let from = FeaturePlace(team: try context.team("team", server), feature: try context.name("feature"))
        let configuration = server.configuration
        var fields = JSONFields(try await context.request.json())
        let team = fields.required("team", Field.nameExpectation, Field.name)
        let feature = fields.optional("feature", Field.nameExpectation, Field.name) ?? from.feature
        let reason = fields.required("reason", Field.noteExpectation, Field.note)
        let isDryRun = fields.optional("dry_run", "true or false", \.bool) ?? false
        try fields.finish()
        let to = FeaturePlace(team: configuration.names.team(named: team!), feature: feature)
        let author = BudgetStore.Author(name: context.principal.name, reason: reason)
        let outcome = try await server.database.run {
            try FeatureMoveStore.move(from, to: to, by: author, isDryRun: isDryRun, content: \.settings, $0)
        }
        return try await server.answer(change: outcome.version) {
            .json { outcome.write(to: &$0, of: configuration) }
        }
    }
}

extension RecordedMove {
    /// Writes the fields of a move into an object.
    fileprivate func write(to writer: inout JSONWriter) {
        for (name, place) in [("from", from), ("to", to)] {
            writer.name(of: name)
            writer.object {
                $0.field("team", place.team)
                $0.field("feature", place.feature)
            }
        }
        writer.field("moved_at", movedAt)
        writer.field("moved_by", movedBy)
        writer.field("reason", reason)
    }
}

extension FeatureMoveStore.Outcome {
    /// Writes the fields of an outcome into an object.
    ///
    /// - Parameter configuration: before the move.
    fileprivate func write(to writer: inout JSONWriter, of configuration: Configuration) {
        for (name, place) in [("from", from), ("to", to)] {
            writer.name(of: name)
            writer.object {
                $0.field("team", configuration.names.name(of: place.team))
                $0.field("feature", place.feature)
            }
        }
        writer.field("moved", version != nil)
        writer.name("budgets")
        writer.array(budgets) { $0.string($1) }
        writer.field("windows", Int64(windows))
        writer.field("ladder", ladder?.rawValue)
        for (name, place, other) in [("left_budgets", from, to), ("joined_budgets", to, from)] {
            writer.name(of: name)
            writer.array(budgets(at: place, notAt: other, configuration)) { $0.string($1) }
        }
    }

    /// The budgets that count the calls of a place, but those of the other not, or in other windows. Those that go along are
    /// not among them. What was spent stays in those that the feature leaves, and what comes counts in those that it joins.
    private func budgets(
        at place: FeaturePlace, notAt other: FeaturePlace, _ configuration: Configuration
    ) -> [String] {
        configuration.budgets.filter { budget in
            guard !budget.scope.followsFeature, let parts = budget.scope.parts(of: place) else { return false }
            return parts != budget.scope.parts(of: other)
        }.map(\.id).sorted()
    }
}
