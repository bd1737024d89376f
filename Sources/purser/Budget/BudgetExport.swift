import ArgumentParser
import JSON

struct BudgetExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the budgets as a file that purser apply reads.",
        discussion: "Example: purser budget export --team search > budgets.yaml")

    @Option(help: "Only the budgets of this team.", transform: Name.checked)
    var team: String?

    func run() async throws {
        let answer = try await PurserClient().get(Route("budgets").query("team", team))
        try StandardOutput.writeText(Array(BudgetFile.text(try answer.objects("budgets")).utf8))
    }
}
