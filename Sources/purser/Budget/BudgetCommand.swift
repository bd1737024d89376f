import ArgumentParser

struct BudgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budget", abstract: "Set and read budgets.", discussion: tasks,
        subcommands: [BudgetSet.self, BudgetList.self, BudgetShow.self, BudgetHistory.self, BudgetRemove.self])

    private static let tasks = HelpTask.list([
        HelpTask("Cap what a team spends in a month", "purser budget set team/search --team search --limit 500"),
        HelpTask(
            "Cap an agent run", "purser budget set nightly --team research --run nightly-eval --limit 5"),
        HelpTask(
            "Watch a user without denying any call",
            "purser budget set u1 --team search --user u1 --limit-calls 1000 --soft"),
        HelpTask(
            "Raise a limit", "purser budget show team/search --output json",
            "purser budget set team/search --team search --limit 700 --if-version 3"),
        HelpTask("See how far each budget is", "purser budget list --team search"),
        HelpTask("See who changed a budget", "purser budget history team/search"),
        HelpTask("Ask whether a call would fit", "purser explain --team search --model gpt-4o --input 1200"),
    ])
}
