import ArgumentParser

struct TeamCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "team", abstract: "Make, set, list and rename teams.",
        subcommands: [TeamCreate.self, TeamSet.self, TeamList.self, TeamRename.self])
}

struct TeamCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a team; a team that is there already stays as it is.",
        discussion: "Example: purser team create search")

    @Argument(help: "The team's name.", transform: Name.checked)
    var name: String

    func run() async throws {
        let answer = try await PurserClient().send("PUT", Route("teams", name))
        let state = answer.status == 201 ? "is made" : "was there already"
        StandardError.writeLine("The team \(name) \(state).")
    }
}

struct TeamList: ListCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the teams, with the names that they had before.")
    static let field: StaticString = "teams"
    static let columns: [Column] = [
        .text("name"), .text("former_names", title: "FORMERLY").spared(2), .text("cost_center"),
        .text("owner").spared(1), .text("display_name", isWide: true), .text("unsettled"),
        .time("created_at", title: "CREATED").spared(3),
    ]

    @OptionGroup var listing: ListingOptions

    var title: TableTitle { TableTitle("Teams") }

    var route: Route { get throws { try Route("teams") } }
}
