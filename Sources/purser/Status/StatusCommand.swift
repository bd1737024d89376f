import Accounting
import ArgumentParser
import JSON
import Ledger

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Tell where a team stands: its budgets, this month and today.",
        discussion: """
            Each budget with what is used of its limit, what has elapsed of its window, what it will have spent at the end \
            if it goes on like this, and the day on which it runs dry; of a window that has just begun nothing is said. \
            Then what the month has gone for, and why calls were denied or downgraded today.

            Examples:
              purser status --team search
              purser status --output json
            """)

    @Option(help: "Only this team; all that you may read unless given.", completion: .teams, transform: Name.checked)
    var team: String?

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let client = try PurserClient()
        let answer = try await client.get(Route("status").query("team", team))
        switch listing.output {
        case .json: try StandardOutput.writeText(answer.bytes)
        case .csv: try StandardOutput.writeText(Array(try StatusRows(answer.json()).listing.csv.utf8))
        case .table:
            let now = try answer.asOf() ?? SystemClock.wallTime()
            let screen = StatusScreen(
                status: try answer.json(), requests: try await Self.requests(ofTeam: team, client),
                display: .standardOutput(isExact: listing.exact, now: now))
            try StandardOutput.write(screen.text)
        }
    }

    /// What was asked for. None where the server has no such requests, or this token may not read
    /// them.
    private static func requests(ofTeam team: String?, _ client: PurserClient) async throws -> [JSONValue] {
        guard let answer = try await client.find(Route("requests").query("team", team)) else { return [] }
        return try answer.objects("requests")
    }
}
