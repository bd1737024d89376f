import Accounting
import Hummingbird
import JSON
import Ledger

/// `GET /v1/unsettled`: calls that nobody settled, and leases of servers that are gone.
struct UnsettledRoute: Sendable {
    let server: ServerContext

    func add(to routes: RouteTable) {
        routes.on(.get, "v1/unsettled", server, query: ["team", "limit", "after"]) { try await list($0) }
    }

    private func list(_ context: AuthenticatedContext) async throws -> Response {
        let team = try context.visibleTeam(server)
        let (last, limit) = try context.page()
        let records = try await server.database.read {
            try UnsettledRecord.list(team: team, before: last, limit: limit, $0)
        }
        let names = server.configuration.names
        return .json(capacity: 64 + records.count * 256) {
            $0.name("unsettled")
            $0.array(records) { writer, record in writer.object { record.write(to: &$0, names) } }
            $0.field("next", records.count == Int(limit) ? records.last.map { String($0.id) } : nil)
        }
    }
}

extension UnsettledRecord {
    fileprivate func write(to writer: inout JSONWriter, _ names: TeamNames) {
        writer.field("id", String(id))
        writer.field("kind", kind.rawValue)
        writer.field("recorded_at", recordedAt.description)
        writer.field("team", names.called(team))
        writer.field("feature", feature)
        writer.field("request_id", requestID)
        writer.field("model", model)
        writer.field("authorized_at", authorizedAt?.description)
        writer.field("budget", lease?.budgetID)
        writer.field("worst_case_usd", worstCase)
        writer.field("estimated_entry_id", estimatedEntryID.map(String.init))
        writer.field("estimated_cost_usd", estimatedCost)
    }

    /// Nil where the call had no price, and for a lease of tokens or calls.
    private var worstCase: Money? {
        if let lease, lease.unit != .usd { return nil }
        return amount.map(Money.init(nanodollars:))
    }
}
