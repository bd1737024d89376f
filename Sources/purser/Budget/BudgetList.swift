import ArgumentParser
import Ledger

struct BudgetList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the budgets with what is left in their current windows.",
        discussion: """
            USED is the share of the limit that is spent, ELAPSED that of the window that has passed: a budget that is used \
            more than its time has passed may run dry. On a terminal ● is fine, ▲ from the share on at which it downgrades \
            (80% unless set), ✗ full. A narrow terminal leaves out columns and says which; csv has all.

            Examples:
              purser budget list --team search
              purser budget list --output csv > budgets.csv
            """)

    @Option(help: "Only the budgets of this team.", completion: .teams, transform: Name.checked)
    var team: String?

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let answer = try await PurserClient().get(Route("budgets").query("team", team))
        let budgets = try answer.objects("budgets")
        let columns = Column.budgets(budgets, at: try answer.asOf() ?? SystemClock.wallTime())
        try listing.write(
            answer, listing: Listing(budgets, columns: columns), title: TableTitle("Budgets", ofTeam: team))
    }
}
