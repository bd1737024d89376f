import ArgumentParser

struct BudgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budget", abstract: "Set and read budgets.", discussion: tasks,
        subcommands: [
            BudgetSet.self, BudgetAlter.self, BudgetRaise.self, BudgetBoosts.self, BudgetChanges.self, BudgetAsk.self,
            BudgetRequestList.self,
            BudgetApprove.self, BudgetDeny.self, BudgetWithdraw.self, BudgetList.self, BudgetShow.self,
            BudgetWindowList.self, BudgetHistory.self, BudgetExport.self, BudgetTry.self, BudgetRemove.self,
        ])

    private static let tasks = HelpTask.list([
        HelpTask("Cap what a team spends in a month", "purser budget set team/search --team search --limit 500"),
        HelpTask(
            "Cap every agent run", "purser budget set runs --team research --run '*' --limit 2"),
        HelpTask(
            "Watch a user without denying any call",
            "purser budget set u1 --team search --user u1 --limit-calls 1000 --soft"),
        HelpTask("Change a limit and nothing else", "purser budget change team/search --limit 700"),
        HelpTask(
            "Raise a budget until Friday",
            "purser budget raise team/search +200 --until friday --reason launch"),
        HelpTask(
            "Ask for more of the company's budget",
            "purser budget request team/search +200 --until friday --reason launch"),
        HelpTask("See how far each budget is", "purser budget list --team search"),
        HelpTask("See which runs have spent most", "purser budget windows runs --sort spent"),
        HelpTask("See who changed a budget", "purser budget history team/search"),
        HelpTask(
            "See what other budgets would have done in October",
            "purser budget try budgets.yaml --from 2026-10-01 --to 2026-11-01"),
        HelpTask("Ask whether a call would fit", "purser explain --team search --model gpt-4o --input 1200"),
    ])
}
