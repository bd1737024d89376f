import ArgumentParser
import Ledger

struct BudgetShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one budget in full.")

    @Argument(help: "The budget's id.", completion: .budgets, transform: Name.checked)
    var id: String

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let answer = try await PurserClient().get(Route("budgets", id))
        let columns = Column.budgets([try answer.json()], at: SystemClock.wallTime())
        try listing.writeRecord(answer, columns: columns)
        try answer.tellWarnings()
    }
}
