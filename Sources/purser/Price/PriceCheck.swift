import ArgumentParser

struct PriceCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Look for what is wrong with the price book, and with what is used of it.",
        discussion: """
            Finds gaps between a price and its successor, prices that change more than tenfold, models called in the \
            last 31 days whose calls are not priced, and models on a ladder that several providers sell. Exit code 1 \
            if anything is found.

            Example: purser price check --output json
            """)

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let answer = try await PurserClient().get(Route("prices", "check"))
        let findings = try answer.objects("findings")
        if findings.isEmpty, listing.output == .table {
            StandardError.writeLine("Nothing is wrong with the price book.")
            return
        }
        try listing.write(answer, "findings", columns: Column.priceFinding)
        if !findings.isEmpty { throw ExitCode(CommandFailure.Kind.refused.exitCode) }
    }
}
