import ArgumentParser

struct BudgetRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a budget; what was spent stays in the ledger.")

    @Argument(help: "The budget's id.", completion: .budgets, transform: Name.checked)
    var id: String

    func run() async throws {
        _ = try await PurserClient().send("DELETE", Route("budgets", id))
        StandardError.writeLine("The budget \(id) is removed.")
    }
}
