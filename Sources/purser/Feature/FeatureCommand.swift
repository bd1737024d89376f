import ArgumentParser
import JSON

struct FeatureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feature", abstract: "Move features to other teams, and see what was moved.",
        subcommands: [FeatureMoveCommand.self, FeatureMoves.self])
}

struct FeatureMoves: ListCommand {
    static let configuration = CommandConfiguration(
        commandName: "moves", abstract: "List what was moved or renamed, when and by whom.")
    static let field: StaticString = "moves"
    static let columns: [Column] = [
        Column("from") { .text(MovedPlace($0["from"]).text) }, Column("to") { .text(MovedPlace($0["to"]).text) },
        .time("moved_at", title: "MOVED").spared(2), .text("moved_by", title: "BY").spared(1), .prose("reason"),
    ]

    @Option(help: "Only what has left this team or come to it.", completion: .teams, transform: Name.checked)
    var team: String?

    @OptionGroup var listing: ListingOptions

    var title: TableTitle { TableTitle("Moves", ofTeam: team) }

    var route: Route { get throws { try Route("moves").query("team", team) } }
}
