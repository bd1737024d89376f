import ArgumentParser

struct MonthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "month", abstract: "Read the state of the months.", subcommands: [MonthList.self])
}

struct MonthList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the months of the ledger, open and closed.")

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let answer = try await PurserClient().get(Route("months"))
        try listing.write(
            answer, "months", columns: [.text("month"), .text("state"), .time("closed_at", title: "CLOSED")])
    }
}
