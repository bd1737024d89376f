import ArgumentParser

struct AlertList: ListCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List where alerts go.")
    static let field: StaticString = "alerts"
    static let columns: [Column] = [
        .text("name"), .text("team"), .time("created_at", title: "CREATED"), .prose("webhook"),
    ]

    @OptionGroup var listing: ListingOptions

    var title: TableTitle { TableTitle("Alerts", ofTeam: nil) }

    var route: Route { get throws { try Route("alerts") } }
}
