import ArgumentParser

struct BudgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budget", abstract: "Set and read budgets.",
        subcommands: [BudgetSet.self, BudgetList.self, BudgetShow.self, BudgetHistory.self, BudgetRemove.self])
}
