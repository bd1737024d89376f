import Accounting
import Hummingbird
import JSON
import Ledger

extension UsageRoutes {
    /// The newest entries, and from there on every entry as it arrives, so that a client can follow the ledger.
    func list(_ context: AuthenticatedContext) async throws -> Response {
        let filter = try filter(context)
        let position = try context.query(
            "after", "what an earlier answer has as next", maximumBytes: LedgerPosition.maximumBytes
        ) { LedgerPosition(text: $0) }
        let limit =
            try context.query("limit", "a whole number from 1 to 1000") { text in
                Int64(text).flatMap { (1...1000).contains($0) ? $0 : nil }
            } ?? 20
        let page = try await server.database.read { connection in
            if let position {
                try EntryList.following(position, filter, limit: limit, connection)
            } else {
                try EntryList.newest(filter, limit: limit, connection)
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

    static let listParameters = [
        "team", "feature", "user", "run", "tag:KEY", "model", "request_id", "batch", "from", "to", "after", "limit",
    ]

    private func filter(_ context: AuthenticatedContext) throws -> EntryFilter {
        var filter = EntryFilter(team: try context.visibleTeam(server))
        filter.feature = try context.query("feature")
        filter.user = try context.query("user")
        filter.run = try context.query("run")
        filter.model = try context.query("model")
        filter.requestID = try context.query("request_id")
        filter.usageBatch = try context.query("batch")
        for name in context.query.names(beginning: "tag:") {
            if let value = try context.query(name) { filter.tags.append((String(name.dropFirst(4)), value)) }
        }
        let zone = server.configuration.accountingZone
        func moment(_ name: String) throws -> Timestamp? {
            try context.query(name, "a day, such as 2026-10-01, or a time in RFC 3339") { text in
                CalendarDay(text: text).map { zone.start(of: $0) } ?? Timestamp(rfc3339: text)
            }
        }
        filter.from = try moment("from")
        filter.to = try moment("to")
        if let from = filter.from, let to = filter.to, to <= from {
            throw Problem.query("to", "must be after from: it is the first moment that no longer counts")
        }
        return filter
    }
}
