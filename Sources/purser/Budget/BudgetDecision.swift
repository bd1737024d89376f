import Accounting
import ArgumentParser
import JSON
import Wording

struct BudgetApprove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Give what a request asks for.",
        discussion: "Example: purser budget approve 12 --reason \"until the launch is over\"")

    @OptionGroup var decision: BudgetDecision

    func run() async throws { try await decision.send("approve") }
}

struct BudgetDeny: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deny", abstract: "Refuse what a request asks for.",
        discussion: "Example: purser budget deny 12 --reason \"use the smaller model\"")

    @OptionGroup var decision: BudgetDecision

    func run() async throws { try await decision.send("deny") }
}

/// The answer to a request for more of a budget.
struct BudgetDecision: ParsableArguments {
    @Argument(help: "The request's number, as purser budget requests lists it.", transform: Quantity.argument)
    var number: Int64

    @Option(help: "Why, for who has asked.")
    var reason: String?

    @OptionGroup var listing: ListingOptions

    var body: RequestBody { .object { if let reason { $0.field("reason", reason) } } }

    func send(_ verb: String) async throws {
        let client = try PurserClient()
        let answer = try await client.send("POST", Route("requests", String(number), verb), body: body)
        try listing.writeRecord(answer, columns: Column.budgetRequest)
        try await Self.tell(of: answer.json(), client)
    }

    /// Tells what has become of a request and, if it was approved, what that means for calls now.
    static func tell(of request: JSONValue, _ client: PurserClient) async throws {
        let (number, state) = (Cell(request["number"]).plain, Cell(request["state"]).plain)
        let by = request["decided_by"]?.string.map { " by \($0)" } ?? ""
        StandardError.writeLine(PrintableText.of("Request \(number) is \(state)\(by)."))
        guard state == "approved", let id = request["budget"]?.string,
            let budget = try await client.find(Route("budgets", id))?.json(),
            let text = BudgetOutcome(of: budget).text
        else { return }
        StandardError.writeLine("\(id): \(text)")
    }
}
