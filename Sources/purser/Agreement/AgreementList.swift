import ArgumentParser

struct AgreementList: ListCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the agreements, past and future ones included.")
    static let field: StaticString = "agreements"
    static let columns: [Column] = [
        .text("name"), .text("team").spared(4), .text("provider"), .text("model"), .text("discount"), .text("markup"),
        .prose("rates").spared(1), .time("valid_from", title: "FROM").spared(2),
        .time("valid_until", title: "UNTIL").spared(2),
        .prose("note").spared(3), .text("added_by", isWide: true), .time("added_at", isWide: true),
    ]

    @Option(help: "Only those that apply to this team's calls.", completion: .teams, transform: Name.checked)
    var team: String?

    @OptionGroup var listing: ListingOptions

    var title: TableTitle { TableTitle("Agreements", ofTeam: team) }

    var route: Route { get throws { try Route("agreements").query("team", team) } }
}
