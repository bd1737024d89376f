import ArgumentParser
import JSON

struct UsageTail: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Print ledger entries as they arrive.",
        discussion: """
            It asks once a second until it is interrupted or nobody reads it any more, and prints every entry of every server once. As JSON each \
            entry is one line; with --once it is the server's answer as it came. As CSV each meter has a column, as \
            usage import takes it: input_tokens and output_tokens are the wholes, the others parts of them or beside them.

            Examples:
              purser usage tail
              purser usage tail --team search --tag customer=acme
              purser usage tail --once --limit 100 --output csv
            """)

    @Option(parsing: .unconditional, help: "How many entries to begin with, 1 to 1000.")
    var limit = 20

    @Flag(help: "Print what is there and end.")
    var once = false

    @OptionGroup var filter: EntryFilterOptions
    @OptionGroup var listing: ListingOptions

    static let columns: [Column] = [
        .time("recorded_at", title: "RECORDED"), .time("occurred_at", isWide: true), .text("entry_id", isWide: true),
        .text("kind", isWide: true), .text("corrects_entry_id", isWide: true), .text("request_id", isWide: true),
        .text("team"), .text("feature"), .text("user", isWide: true), .text("run", isWide: true),
        .text("tags", isWide: true), .text("requested_model", isWide: true), .text("model"),
        .text("provider", isWide: true), .text("service_tier", isWide: true), .text("region", isWide: true),
        .text("attempt", isWide: true), .text("usage", isWide: true), .text("input_tokens", isWide: true),
        .text("output_tokens", isWide: true), .text("residual_tokens", isWide: true),
        Column("cost_usd", title: "COST USD") { entry in
            entry["unpriced"]?.bool == true ? .text("unpriced") : Cell(entry["cost_usd"], text: Cell.price)
        },
        .text("list_cost_usd", isWide: true), .text("provider_cost_usd", isWide: true),
        .text("provider_request_id", isWide: true), .text("warnings", isWide: true), .text("status"),
    ]

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit must be 1 to 1000.") }
    }

    private var route: Route {
        get throws(CommandFailure) { filter.applied(to: try Route("usage").query("limit", String(limit))) }
    }

    func run() async throws {
        let client = try PurserClient()
        let first = try await client.get(route)
        var meters = UsageMeterColumns(of: try first.objects("entries"), isAll: once)
        let columns = listing.output == .csv ? meters.within(Self.columns) : Self.columns
        if once {
            try listing.write(
                first, "entries", columns: columns, title: TableTitle("The newest entries", ofTeam: filter.team))
            return
        }
        var page = EntryPages(format: listing.output, columns: columns)
        var answer = first
        var isFirst = true
        while true {
            let entries = try answer.objects("entries")
            if listing.output == .csv, let missing = meters.missing(in: entries) { StandardError.writeLine(missing) }
            let text = page.text(entries, isFirst: isFirst)
            if listing.output == .table {
                try StandardOutput.write(text)
            } else if !text.isEmpty {
                try StandardOutput.writeText(Array(text.utf8))
            }
            isFirst = false
            if try answer.json()["more"]?.bool != true { try await StandardOutput.pause(seconds: 1) }
            answer = try await next(client, after: answer.string("next"))
        }
    }

    /// Gets the next entries. It waits while the server is unreachable or busy, because the user wants to go on when
    /// the server is back.
    private func next(_ client: PurserClient, after position: String) async throws -> Answer {
        var isTold = false
        while true {
            do {
                let route = try self.route.query("after", position)
                return try await client.get(route)
            } catch {
                guard error.isPassing else { throw error }
                if !isTold { StandardError.writeLine("\(error.lines.first ?? "") Waiting for it.") }
                isTold = true
                try await StandardOutput.pause(seconds: error.retryAfterSeconds ?? 1)
            }
        }
    }
}
