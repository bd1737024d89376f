import Accounting
import Alerts
import Curl
import Hummingbird
import JSON
import Ledger

/// `/v1/alerts`: where a team hears of its budgets.
struct AlertRoutes: Sendable {
    let office: Office

    func add(to routes: OfficeRoutes) {
        routes.on(.get, "v1/alerts", office) { try await list($0) }
        routes.on(.put, "v1/alerts/{name}", office) { try await put($0) }
        routes.on(.delete, "v1/alerts/{name}", office) { try await remove($0) }
        routes.on(.post, "v1/alerts/{name}/test", office) { try await test($0) }
    }

    private func list(_ inquiry: Inquiry) async throws -> Response {
        let team = try inquiry.principal.visibleTeam(inquiry.request.query("team"))
        let channels = try await office.database.run { try AlertChannelStore.list(team: team, $0) }
        return .json {
            $0.name("alerts")
            $0.array(channels) { writer, channel in
                writer.object {
                    $0.field("name", channel.name)
                    $0.field("team", channel.team)
                    $0.field("webhook", channel.url)
                    $0.field("created_at", channel.createdAt.description)
                }
            }
        }
    }

    private func put(_ inquiry: Inquiry) async throws -> Response {
        let name = try inquiry.name("name")
        var fields = JSONFields(try await inquiry.request.json())
        let team = fields.required("team", Field.nameExpectation, Field.name)
        let url = fields.required("webhook", "an http or https URL of at most 2048 characters", \.string)
        if let url, let problem = Self.problem(with: url) { fields.refuse("webhook", problem) }
        try fields.finish()
        guard let team, let url else { preconditionFailure("fields were good") }
        try inquiry.principal.require(.change(team: team))
        let secret = WebhookSecret.generate().revealed
        let channel = try await office.database.run {
            try AlertChannelStore.put(name: name, team: team, url: url, newSecret: secret, $0)
        }
        let isNew = channel.secret == secret
        return .json(isNew ? .created : .ok) {
            $0.field("name", channel.name)
            $0.field("team", channel.team)
            $0.field("webhook", channel.url)
            // Shown once, when it is made.
            $0.field("secret", isNew ? channel.secret : nil)
        }
    }

    private static func problem(with url: String) -> String? {
        guard url.utf8.count <= 2048 else { return "must be an http or https URL of at most 2048 characters" }
        do throws(Curl.HTTPError) {
            _ = try WebhookEndpoint(url: url, secret: .generate())
            return nil
        } catch {
            // The sentence goes on in the one the problem makes of it.
            let why = error.description
            return "cannot be used: \(why.hasSuffix(".") ? String(why.dropLast()) : why)"
        }
    }

    private func find(_ inquiry: Inquiry) async throws -> AlertChannel {
        let name = try inquiry.name("name")
        let channel = try await office.database.run { try AlertChannelStore.find(name, $0) }
        try inquiry.principal.require(.change(team: channel.team))
        return channel
    }

    private func remove(_ inquiry: Inquiry) async throws -> Response {
        let channel = try await find(inquiry)
        try await office.database.run { try AlertChannelStore.remove(channel.name, $0) }
        return Response(status: .noContent)
    }

    private func test(_ inquiry: Inquiry) async throws -> Response {
        let channel = try await find(inquiry)
        let (isDelivered, detail) = await office.alerts.test(channel)
        return .json {
            $0.field("delivered", isDelivered)
            $0.field("detail", detail)
        }
    }
}
