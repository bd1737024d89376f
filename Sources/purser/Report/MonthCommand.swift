import ArgumentParser

struct MonthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "month", abstract: "Read the state of the months.", subcommands: [MonthList.self])
}

struct MonthList: ListCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the months of the ledger, open and closed.")
    static let field: StaticString = "months"
    static let columns: [Column] = [
        .text("month"), .text("state"), .time("closed_at", title: "CLOSED"),
    ]

    @OptionGroup var listing: ListingOptions

    var title: TableTitle { TableTitle("Months of the ledger") }

    var route: Route { get throws { try Route("months") } }
}
