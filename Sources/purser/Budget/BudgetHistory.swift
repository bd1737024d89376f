import ArgumentParser

struct BudgetHistory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "List what a budget was, and who changed it when.")

    @Argument(help: "The budget's id.", transform: Name.checked)
    var id: String

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let answer = try await PurserClient().get(Route("budgets", id, "history"))
        try listing.write(answer, "history", columns: Column.budgetVersion)
    }
}
