import ArgumentParser

struct UnsettledList: ListCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract:
            "List the newest calls whose holds expired and that nobody settled since, with what they may have cost.")
    static let field: StaticString = "unsettled"
    static let columns: [Column] = [
        .text("id"), .time("recorded_at", title: "EXPIRED").spared(4), .text("team").spared(1),
        .text("feature").spared(3), .text("request_id"), .text("model").spared(2),
        .amount("worst_case_usd", title: "WORST CASE"), .amount("estimated_cost_usd", title: "CHARGED"),
        .text("budget", isWide: true),
        .text("kind", isWide: true), .time("authorized_at", isWide: true),
        .text("estimated_entry_id", isWide: true),
    ]

    @Option(help: "Only the calls of this team.", completion: .teams, transform: Name.checked)
    var team: String?
    @OptionGroup var listing: ListingOptions

    var title: TableTitle { TableTitle("Unsettled calls", ofTeam: team) }

    var route: Route { get throws { try Route("unsettled").query("team", team) } }
}
