import ArgumentParser
import JSON

struct DisputedAccept: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Book refused usage in place of the entry that was committed.",
        discussion: "Example: purser disputed accept 12 --reason \"the first report lacked the output\"")

    @OptionGroup var decision: DisputedDecision

    func run() async throws { try await decision.send("accept") }
}

struct DisputedDismiss: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dismiss", abstract: "Close refused usage: what was committed stands.",
        discussion: "Example: purser disputed dismiss 12 --reason \"sent twice by mistake\"")

    @OptionGroup var decision: DisputedDecision

    func run() async throws { try await decision.send("dismiss") }
}

/// What is decided on usage that was refused.
struct DisputedDecision: ParsableArguments {
    @Argument(help: "The dispute's number, as purser disputed list shows it.", transform: Quantity.argument)
    var number: Int64

    @Option(help: "Why; it stays with the dispute.")
    var reason: String

    @OptionGroup var listing: ListingOptions

    func send(_ verb: String) async throws {
        let body = RequestBody.object { $0.field("reason", reason) }
        let answer = try await PurserClient().send("POST", Route("disputed", String(number), verb), body: body)
        try listing.writeRecord(answer, columns: Column.disputed)
        let state = Cell(try answer.json()["state"]).plain
        StandardError.writeLine("Dispute \(number) is \(state).")
    }
}
