import Accounting
import ArgumentParser
import JSON

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Print a report of one month.",
        discussion: """
            There are budgets, credits, disputed, estimates, forecast, invoice, models, monthly, provider-cost, rerates, \
            unsettled, usage-warnings and verdicts. \
            -o replaces the file only once all of it is there.

            Examples:
              purser report monthly --month 2026-10
              purser report models --month 2026-10 --team search \\
                --format csv -o models.csv
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, csv, json
    }

    @Argument(help: "The report's name.", completion: .reports, transform: Name.checked)
    var name: String

    @Option(
        help: ArgumentHelp("The month, such as 2026-10; this month unless given.", valueName: "month"),
        transform: CalendarMonth.argument)
    var month: CalendarMonth?

    @Option(help: "Only this team.", completion: .teams, transform: Name.checked)
    var team: String?

    @Option(name: [.long, .customLong("output")], help: "How the report is written.")
    var format: Format = .table

    @Flag(help: "In the table, amounts with all their places, as csv and json always have them.")
    var exact = false

    @Option(
        name: .customShort("o"), help: ArgumentHelp("Write to this file.", valueName: "file"), completion: .file(),
        transform: OutputPath.argument)
    var file: String?

    func route() throws(CommandFailure) -> Route {
        try Route("reports", name).query("month", month?.description).query("team", team)
            .query("format", format == .csv ? "csv" : "json")
    }

    func run() async throws {
        let answer = try await PurserClient().send("GET", try route(), timeoutSeconds: 300)
        if let path = file, path != "-" {
            let isTable = format == .table
            let table =
                isTable
                ? try answer.reportHeading(ofTeam: team) + Listing(report: answer).table(Display(isExact: exact))
                    + answer.reportFooting() : ""
            try AtomicFile(path: path).write(isTable ? Array(table.utf8) : answer.bytes)
        } else if format == .table {
            try StandardOutput.write(
                answer.reportHeading(ofTeam: team) + Listing(report: answer).fitting(.standardOutput(isExact: exact))
                    + answer.reportFooting())
        } else {
            try StandardOutput.writeText(answer.bytes)
        }
    }
}
