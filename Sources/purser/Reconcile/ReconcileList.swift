import Accounting
import ArgumentParser

struct ReconcileList: ListCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the newest comparison of each provider and month.")
    static let field: StaticString = "reconciliations"
    static let columns = Column.reconciliation

    @Option(help: "Only this month, such as 2026-10.", transform: CalendarMonth.argument)
    var month: CalendarMonth?
    @OptionGroup var listing: ListingOptions

    var title: TableTitle { TableTitle("Reconciliations") }

    var route: Route { get throws { try Route("reconciliations").query("month", month?.description) } }
}

struct ReconcileShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a comparison. Exit code 6 says that differences are left.")

    @Argument(help: "Its number, as purser reconcile list shows it.", transform: Quantity.argument)
    var number: Int64
    @Flag(help: "In the table, what is matched too.")
    var all = false
    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let answer = try await PurserClient().get(Route("reconciliations", String(number)))
        try await answer.writeReconciliation(listing, showsMatched: all)
    }
}
