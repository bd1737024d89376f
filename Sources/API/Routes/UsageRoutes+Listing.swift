import Accounting
import Hummingbird
import JSON
import Ledger

extension UsageRoutes {
    /// The newest entries, and from there on every entry as it arrives, so that a client can follow the ledger.
    func list(_ context: AuthenticatedContext) async throws -> Response {
        let team = try context.visibleTeam(server)
        let position = try context.query(
            "after", "what an earlier answer has as next", maximumBytes: LedgerPosition.maximumBytes
        ) { LedgerPosition(text: $0) }
        let limit =
            try context.query("limit", "a whole number from 1 to 1000") { text in
                Int64(text).flatMap { (1...1000).contains($0) ? $0 : nil }
            } ?? 20
        let page = try await server.database.read { connection in
            if let position {
                try EntryList.following(position, team: team, limit: limit, connection)
            } else {
                try EntryList.newest(team: team, limit: limit, connection)
            }
        }
        let names = server.configuration.names
        return .json(capacity: 64 + page.entries.count * 320) {
            $0.name("entries")
            $0.array(page.entries) { $1.write(to: &$0, names) }
            $0.field("next", page.position.text)
            $0.field("more", page.hasMore)
        }
    }
}
