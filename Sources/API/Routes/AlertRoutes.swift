import Accounting
import Alerts
import Hummingbird
import JSON
import Ledger

/// `/v1/alerts`: the webhooks that receive the alerts of a team, or of every team.
struct AlertRoutes: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.get, "v1/alerts", server, query: ["team"]) { try await list($0) }
        routes.on(.put, "v1/alerts/{name}", server) { try await put($0) }
        routes.on(.delete, "v1/alerts/{name}", server) { try await remove($0) }
        routes.on(.post, "v1/alerts/{name}/test", server) { try await test($0) }
    }

    private func list(_ context: AuthenticatedContext) async throws -> Response {
        let team = try context.visibleTeam(server)
        let channels = try await server.database.read { try AlertChannelStore.list(team: team, $0) }
        let names = server.configuration.names
        return .json {
            $0.name("alerts")
            $0.array(channels) { writer, channel in
                writer.object {
                    $0.field("name", channel.name)
                    $0.field("team", names.called(channel.team))
                    $0.field("webhook", channel.url)
                    $0.field("created_at", channel.createdAt.description)
                }
            }
        }
    }

    private func put(_ context: AuthenticatedContext) async throws -> Response {
        let name = try context.name("name")
        var fields = JSONFields(try await context.request.json())
        let names = server.configuration.names
        let team = fields.team(names)
        let url = fields.required("webhook", "an http or https URL of at most 2048 characters", \.string)
        if let url, let problem = problem(with: url) { fields.refuse("webhook", problem) }
        try fields.finish()
        guard let url else { preconditionFailure("fields were good") }
        try require(context.principal, team)
        let secret = WebhookSecret.generate().revealed
        let channel = try await server.database.run {
            try AlertChannelStore.put(name: name, team: team, url: url, newSecret: secret, $0)
        }
        let isNew = channel.secret == secret
        return .json(isNew ? .created : .ok) {
            $0.field("name", channel.name)
            $0.field("team", names.called(channel.team))
            $0.field("webhook", channel.url)
            // The secret is shown once, when the alert is created.
            $0.field("secret", isNew ? channel.secret : nil)
        }
    }

    private func require(_ principal: Principal, _ team: String?) throws(Problem) {
        if let team { return try principal.require(.change(team: team)) }
        guard principal.may(.changeSharedAlerts) else {
            throw Problem(
                .forbidden,
                "An alert without a team gets those of every team, so only finance and admin may set it. Name your team."
            )
        }
    }

    private func problem(with url: String) -> String? {
        guard url.utf8.count <= 2048 else { return "must be an http or https URL of at most 2048 characters" }
        // The problem ends its sentence with a period of its own.
        return server.alerts.delivery.refusal(of: url).map { why in
            "cannot be used: \(why.hasSuffix(".") ? String(why.dropLast()) : why)"
        }
    }

    /// The alert of the path, if the caller may change it.
    private func find(_ context: AuthenticatedContext) async throws -> AlertChannel {
        let name = try context.name("name")
        let stored = try await server.database.lookUp { try AlertChannelStore.find(name, $0) }
        let channel = try context.principal.visible(stored, of: \.team, else: "There is no alert \(name)")
        try require(context.principal, channel.team)
        return channel
    }

    private func remove(_ context: AuthenticatedContext) async throws -> Response {
        let channel = try await find(context)
        try await server.database.run { try AlertChannelStore.remove(channel.name, $0) }
        return Response(status: .noContent)
    }

    private func test(_ context: AuthenticatedContext) async throws -> Response {
        let channel = try await find(context)
        let (isDelivered, detail) = await server.alerts.test(channel)
        return .json {
            $0.field("delivered", isDelivered)
            $0.field("detail", detail)
        }
    }
}
