import Accounting
import ArgumentParser
import JSON

struct BudgetRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a budget; what was spent stays in the ledger.")

    @Argument(help: "The budget's id.", completion: .budgets, transform: Name.checked)
    var id: String

    @Option(help: "Why, for the budget's history.")
    var reason: String?

    @OptionGroup var confirming: ConfirmingOptions

    func run() async throws {
        let client = try PurserClient()
        let route = try Route("budgets", id)
        let before = try await client.find(route)?.json()
        if let before, before["enforcement"]?.string == Budget.Enforcement.hard.rawValue {
            let standing = BudgetOutcome(of: before).text.map { " \($0)" } ?? ""
            try confirming.require("\(id) is a hard budget.\(standing) Remove it, so that it limits no call any more?")
        }
        _ = try await client.send("DELETE", route.query("reason", reason))
        StandardError.writeLine("The budget \(id) is removed.")
    }
}
