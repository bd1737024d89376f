import ArgumentParser
import JSON
import Ledger
import Wording

struct BudgetWindowList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "windows", abstract: "List the values of a budget that has one window each: its runs, say.")

    @Argument(help: "The budget's id.", transform: Name.checked)
    var id: String

    @Option(help: "The most spent first, what is nearest to its limit first, or by value.")
    var sort: BudgetWindows.Order = .spent

    @Option(parsing: .unconditional, help: "How many at most; 100 unless given.", transform: Quantity.argument)
    var limit: Int64?

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let route = try Route("budgets", id, "windows").query("sort", sort.rawValue)
            .query("limit", limit.map(String.init))
        let answer = try await PurserClient().get(route)
        try listing.write(answer, "windows", columns: Column.budgetWindow)
        let (shown, all) = (try answer.objects("windows").count, try answer.json()["values"]?.integer ?? 0)
        if all > shown {
            StandardError.writeLine(
                "\(Phrase.count(shown, "value")) of \(Phrase.count(all, "value")); --limit shows more.")
        }
    }
}

extension BudgetWindows.Order: ExpressibleByArgument {}

extension Column {
    static let budgetWindow: [Column] = [
        .text("value"), inUnit("limit"), inUnit("spent"), inUnit("held"), inUnit("remaining"),
    ]
}
