import ArgumentParser

struct BudgetHistory: ListCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "List what a budget was, and who changed it when.")
    static let field: StaticString = "history"
    static let columns = Column.budgetVersion

    @Argument(help: "The budget's id.", transform: Name.checked)
    var id: String

    @OptionGroup var listing: ListingOptions

    var route: Route { get throws { try Route("budgets", id, "history") } }
}
