import ArgumentParser

struct BudgetList: ListCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the budgets with what is left in their current windows.")
    static let field: StaticString = "budgets"
    static let columns = Column.budget

    @Option(help: "Only the budgets of this team.", transform: Name.checked)
    var team: String?

    @OptionGroup var listing: ListingOptions

    var title: TableTitle { TableTitle("Budgets", ofTeam: team) }

    var route: Route { get throws { try Route("budgets").query("team", team) } }
}
