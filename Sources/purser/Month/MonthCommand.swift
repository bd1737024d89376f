import ArgumentParser

struct MonthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "month", abstract: "See the months of the ledger, and close them.",
        subcommands: [
            MonthList.self, MonthShow.self, MonthCloseCommand.self, MonthReopen.self, MonthLock.self,
            MonthExportCommand.self,
        ])
}

struct MonthList: ListCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the months of the ledger, open and closed.")
    static let field: StaticString = "months"
    static let columns: [Column] = [
        .text("month"), .text("state"), .text("version", isWide: true), .time("closed_at", title: "CLOSED"),
        .text("closed_by", isWide: true), .count("entries").spared(1), .amount("total_usd", title: "TOTAL"),
        .text("sha256", isWide: true),
    ]

    @OptionGroup var listing: ListingOptions

    var title: TableTitle { TableTitle("Months of the ledger") }

    var route: Route { get throws { try Route("months") } }
}
