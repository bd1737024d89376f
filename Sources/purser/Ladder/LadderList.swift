import ArgumentParser

struct LadderList: ListCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the ladders.")
    static let field: StaticString = "ladders"
    static let columns: [Column] = [.text("team"), .text("feature"), .text("models"), .text("floor")]

    @Option(help: "Only the ladders of this team.", completion: .teams, transform: Name.checked)
    var team: String?

    @OptionGroup var listing: ListingOptions

    var title: TableTitle { TableTitle("Ladders", ofTeam: team) }

    var route: Route { get throws { try Route("ladders").query("team", team) } }
}
