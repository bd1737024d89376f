import Accounting
import Hummingbird
import JSON
import Ledger

/// `POST /v1/extend`: more time for an open hold. It is answered once PostgreSQL has it, so whoever ends the hold knows.
struct ExtendRoute: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.post, "v1/extend", server) { try await extend($0) }
    }

    private func extend(_ context: AuthenticatedContext) async throws -> Response {
        var fields = JSONFields(try await context.request.json())
        let text = fields.required("hold_id", "the hold_id of an answer to authorize", \.string)
        let range = Call.holdSecondsRange
        let seconds = fields.required(
            "hold_seconds", "an integer from \(range.lowerBound) to \(range.upperBound)"
        ) { $0.integer.flatMap { range.contains($0) ? $0 : nil } }
        try fields.finish()
        guard let seconds, let text, let hold = server.replica.holdTokens.decrypt(text) else {
            throw Problem(.unknownHold, "The hold_id is not one that Purser made.")
        }
        try context.principal.require(.spend(team: hold.who.callersTeam))
        let expiresAt = try await server.replica.extend(hold, seconds: seconds)
        return .json { $0.field("expires_at", expiresAt.description) }
    }
}
