import Hummingbird
import JSON
import Ledger

/// `GET /v1/verification`: what `purser verify` finds, for those who close months.
struct VerificationRoute: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.get, "v1/verification", server, query: ["extent"]) { try await verify($0) }
    }

    private func verify(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.closeMonths)
        let extent =
            try context.query("extent", "one of everything, since_checkpoint") { text -> Verification.Extent? in
                switch text {
                case "everything": .everything
                case "since_checkpoint": .sinceCheckpoint
                default: nil
                }
            } ?? .sinceCheckpoint
        let report = try await server.database.read { try Verification.run($0, extent) }
        return .json(capacity: 2_048) {
            $0.field("holds", report.holds)
            $0.field("extent", report.extent)
            $0.name("checks")
            $0.array(report.checks) { writer, check in
                writer.object {
                    $0.field("claim", check.claim)
                    $0.field("checked", Int64(check.checked))
                    $0.name("problems")
                    $0.array(check.problems) { $0.string($1) }
                    $0.name("gaps")
                    $0.array(check.gaps) { $0.string($1) }
                }
            }
        }
    }
}
