import ArgumentParser

struct BudgetList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the budgets with what is left in their current windows.")

    @Option(help: "Only the budgets of this team.", transform: Name.checked)
    var team: String?

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let answer = try await PurserClient().get(Route("budgets").query("team", team))
        try listing.write(answer, "budgets", columns: Column.budget)
    }
}
