import Accounting
import Hummingbird
import JSON
import Ledger
import NIOCore

/// `POST /v1/authorize`: may this call be made, by which model, and is the money there?
struct AuthorizeRoute: Sendable {
    let office: Office

    func add(to routes: OfficeRoutes) {
        routes.on(.post, "v1/authorize", office) { try await authorize($0) }
    }

    private func authorize(_ inquiry: Inquiry) async throws -> Response {
        let json = try await inquiry.request.json()
        let configuration = office.configuration
        let call = try Call(json, isKnownMeter: configuration.prices.isKnownMeter)
        try inquiry.principal.require(call.isDryRun ? .ask(team: call.who.team) : .spend(team: call.who.team))
        guard configuration.teams.contains(call.who.team) else { throw Problem.unknownTeam(call.who.team) }
        switch await office.replica.authorize(call) {
        case .verdict(let verdict, _): return try answer(verdict)
        case .conflict:
            throw Problem(
                .idempotencyConflict, "The request_id belongs to another call of \(call.who.team) that is still held.")
        case .refused(let errors): throw Problem(fields: errors)
        case .ask, .overCapacity, nil: throw Problem.unavailable
        }
    }

    private func answer(_ verdict: Verdict) throws -> Response {
        var holdID: String?
        if let hold = verdict.hold {
            // Too many budgets on one call: the hold expires and its money returns.
            guard let id = office.replica.seal.seal(hold) else { throw Problem.unavailable }
            holdID = id
        }
        office.metrics.count(verdict)
        var writer = JSONWriter(capacity: 1536)
        verdict.write(to: &writer, holdID: holdID)
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: writer.bytes)))
    }
}
