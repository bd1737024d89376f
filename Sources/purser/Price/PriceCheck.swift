import ArgumentParser
import JSON

struct PriceCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Look for what is wrong with the price book, and with what is used of it.",
        discussion: """
            Finds gaps between a price and its successor; models called in the last 31 days whose calls are not priced, \
            whose provider has retired them, whose prices the sources of the book do not agree on or changed more than \
            tenfold in the last three months; and models on a ladder that several providers sell. Exit code 1 if anything \
            is found.

            Example: purser price check --coverage
            """)

    @Flag(help: "Tell jumps and what the sources do not agree on of every model, not of those in use alone.")
    var all = false

    @Flag(help: "Tell how much of what is called has a price, and how much of what the sources list.")
    var coverage = false

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let route = try Route("prices", "check").query("models", all ? "all" : nil)
            .query("coverage", coverage ? "true" : nil)
        let answer = try await PurserClient().get(route)
        let findings = try answer.objects("findings")
        if coverage, listing.output == .table {
            let lines = try Coverage(answer.json()["coverage"]).lines
            try StandardOutput.write(
                lines.map { PrintableText.of($0) + "\n" }.joined() + (findings.isEmpty ? "" : "\n"))
        }
        if findings.isEmpty, listing.output == .table {
            StandardError.writeLine("Nothing is wrong with the price book.")
            return
        }
        try listing.write(answer, "findings", columns: Column.priceFinding)
        if !findings.isEmpty { throw ExitCode(CommandFailure.Kind.refused.exitCode) }
    }
}
