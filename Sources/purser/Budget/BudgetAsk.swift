import ArgumentParser
import JSON

struct BudgetAsk: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request", abstract: "Ask for more of a budget, where you may not raise it yourself.",
        discussion: """
            What the budget's allowance covers is there at once; the rest waits for an answer until the end that you ask \
            for, or 14 days.

            Example: purser budget request team/search +200 --until friday --reason "launch week"
            """)

    @OptionGroup var boost: BoostOptions

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let client = try PurserClient()
        let budget = try await client.get(Route("budgets", boost.id)).json()
        let answer = try await client.send(
            "POST", Route("budgets", boost.id, "requests"), body: boost.body(for: budget))
        try listing.writeRecord(answer, columns: Column.budgetRequest)
        try await BudgetDecision.tell(of: answer.json(), client)
    }
}

struct BudgetRequestList: ListCommand {
    static let configuration = CommandConfiguration(
        commandName: "requests", abstract: "List who asks for more of a budget; those that wait unless told.")
    static let field: StaticString = "requests"
    static let columns = Column.budgetRequest

    @Option(help: "Only the requests of this team.", transform: Name.checked)
    var team: String?

    @Flag(help: "Those that were decided or have expired too.")
    var all = false

    @OptionGroup var listing: ListingOptions

    var title: TableTitle { TableTitle("Requests", ofTeam: team) }
    var route: Route { get throws { try Route("requests").query("team", team).query("state", all ? nil : "open") } }
}

extension Column {
    static let budgetRequest: [Column] = [
        .text("number"), .text("budget"), .text("team", isWide: true), amount, .time("from", isWide: true),
        .time("until").spared(2), .text("state"), .text("made_by", title: "BY").spared(1),
        .time("made_at", isWide: true),
        .time("expires_at", isWide: true), .text("decided_by", isWide: true), .time("decided_at", isWide: true),
        .text("decision_reason", isWide: true), .text("boost", isWide: true), .prose("reason"),
    ]
}
