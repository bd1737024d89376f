import Accounting
import HTTPTypes
import Hummingbird
import JSON
import Ledger

/// `/v1/disputed`: usage that was refused because its id has other content, and what was decided on it.
struct DisputedRoutes: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.get, "v1/disputed", server, query: ["team", "month", "state", "limit", "after"]) {
            try await list($0)
        }
        routes.on(.get, "v1/disputed/{number}", server) { try await show($0) }
        routes.on(.post, "v1/disputed/{number}/accept", server) { try await accept($0) }
        routes.on(.post, "v1/disputed/{number}/dismiss", server) { try await dismiss($0) }
    }

    private func list(_ context: AuthenticatedContext) async throws -> Response {
        let filter = DisputedUsage.Filter(
            team: try context.visibleTeam(server),
            month: try context.query("month", "a month, such as 2026-10") { CalendarMonth(text: $0) },
            state: try context.query(
                "state", "one of \(DisputedUsage.State.allCases.map(\.rawValue).joined(separator: ", "))",
                DisputedUsage.State.init(rawValue:)))
        let page = try context.page()
        let disputes = try await server.database.read {
            try DisputedUsage.list(filter, before: page.last, limit: page.limit, $0)
        }
        let names = server.configuration.names
        return .json(capacity: 64 + disputes.count * 512) {
            $0.name("disputed")
            $0.array(disputes) { writer, dispute in writer.object { dispute.write(to: &$0, names) } }
            $0.field("next", disputes.count == Int(page.limit) ? disputes.last.map { String($0.number) } : nil)
        }
    }

    private func show(_ context: AuthenticatedContext) async throws -> Response {
        json(of: try await find(context))
    }

    private func accept(_ context: AuthenticatedContext) async throws -> Response {
        let (dispute, decision) = try await decision(in: context)
        if let usage = try await server.database.lookUp({ try RefusedUsage(dispute.number, $0) }),
            case .overflow(let overflow) = try await server.replica.accept(usage, decision).get()
        {
            throw Problem(overflow)
        }
        return try await answer(context, expecting: .accepted)
    }

    private func dismiss(_ context: AuthenticatedContext) async throws -> Response {
        let (dispute, decision) = try await decision(in: context)
        try await server.database.run { try DisputedUsage.dismiss(dispute.number, decision, $0) }
        return try await answer(context, expecting: .dismissed)
    }

    /// The dispute of the path, and what the caller decides on it.
    private func decision(
        in context: AuthenticatedContext
    ) async throws -> (dispute: DisputedUsage, decision: DisputeDecision) {
        try context.principal.require(.decideDisputes)
        let dispute = try await find(context)
        var fields = JSONFields(try await context.request.json())
        let reason = fields.required("reason", Field.noteExpectation, Field.note)
        try fields.finish()
        return (dispute, DisputeDecision(author: context.principal.name, reason: reason!))
    }

    private func answer(_ context: AuthenticatedContext, expecting state: DisputedUsage.State) async throws -> Response
    {
        let dispute = try await find(context)
        guard dispute.state == state else {
            throw Problem(
                .disputeDecided,
                dispute.state == .open
                    ? "The entry that dispute \(dispute.number) is about has changed, or is no longer there."
                    : "Dispute \(dispute.number) is \(dispute.state.rawValue); it stays so.")
        }
        return json(of: dispute)
    }

    private func json(of dispute: DisputedUsage) -> Response {
        let names = server.configuration.names
        return .json { dispute.write(to: &$0, names) }
    }

    /// The dispute of the path, if the caller may read it.
    private func find(_ context: AuthenticatedContext) async throws -> DisputedUsage {
        let number = try context.number(else: "There is no such dispute")
        let found = try await server.database.lookUp { try DisputedUsage.find(number, $0) }
        return try context.principal.visible(found, of: \.team, else: "There is no dispute \(number)")
    }
}

extension DisputedUsage {
    fileprivate func write(to writer: inout JSONWriter, _ names: TeamNames) {
        writer.field("number", number)
        writer.field("recorded_at", recordedAt)
        writer.field("team", names.called(team))
        writer.field("id", id)
        writer.field("source", source)
        writer.field("provider", provider)
        writer.field("model", model)
        writer.field("occurred_at", occurredAt)
        writer.field("cost_usd", cost)
        writer.field("committed_entry_id", String(committedEntryID))
        writer.field("committed_cost_usd", committedCost)
        writer.field("state", state.rawValue)
        writer.field("decided_at", decidedAt)
        writer.field("decided_by", decidedBy)
        writer.field("reason", reason)
        writer.field("entry_id", entryID.map(String.init))
    }
}
