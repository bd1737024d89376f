import Accounting
import ArgumentParser
import JSON

struct ReportCommand: AsyncParsableCommand, NamesFields {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Print a report of a month, or of any days.",
        discussion: """
            There are \(names). \
            budgets, credits, focus, forecast, invoice, journal, monthly, statement and usage-warnings are of a month alone. \
            spend and unit-costs are grouped by what --group-by says, and spend takes --filter. \
            -o replaces the file only once all of it is there.

            Examples:
              purser report monthly --month 2026-10
              purser report models --month 2026-10 --team search \\
                --format csv -o models.csv
              purser report spend --from 2026-10-01 --to 2026-10-15 \\
                --group-by team,model --filter provider=anthropic,openai
              purser report spend --group-by tag:customer --filter tag:env=prod
              purser report focus --month 2026-10 -o october.csv
            """)

    /// What a report is filtered by has no option of its own.
    static let fieldNames = Dictionary(
        uniqueKeysWithValues: [
            "feature", "user", "run", "cost_center", "provider", "model", "service_tier", "day", "week",
        ].map { ($0, "--filter") })

    private static let names = """
        anomalies, budgets, cache, credits, disputed, estimates, focus, forecast, invoice, journal, models, monthly, provider-cost, \
        rerates, spend, statement, unallocated, unit-costs, unpriced, unsettled, usage-warnings, users and verdicts
        """

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, csv, json, html
    }

    @Argument(help: "The report's name.", completion: .reports, transform: Name.checked)
    var name: String

    @Option(
        help: ArgumentHelp("The month, such as 2026-10; this month unless given.", valueName: "month"),
        transform: CalendarMonth.argument)
    var month: CalendarMonth?

    @Option(
        help: ArgumentHelp("The first day, in the accounting time zone.", valueName: "date"),
        transform: CalendarDay.argument)
    var from: CalendarDay?

    @Option(
        help: ArgumentHelp("The day after the last, in the accounting time zone.", valueName: "date"),
        transform: CalendarDay.argument)
    var to: CalendarDay?

    @Option(help: "Only this team.", completion: .teams, transform: Name.checked)
    var team: String?

    @Option(help: ArgumentHelp("What the lines are of, such as team,model or tag:customer.", valueName: "names"))
    var groupBy: String?

    @Option(
        help: ArgumentHelp(
            "Only calls with one of these, such as model=gpt-4o,o3 or tag:env=prod; may be given again.",
            valueName: "name=values"), transform: Pair.filter)
    var filter: [Pair] = []

    @Option(
        help: ArgumentHelp(
            "Amounts in this currency, at the rate of the range's last day, if the server has rates.", valueName: "code"
        ))
    var currency: String?

    @Option(name: [.long, .customLong("output")], help: "How the report is written.")
    var format: Format = .table

    @Flag(help: "In the table, amounts with all their places, as csv and json always have them.")
    var exact = false

    @Option(
        name: .customShort("o"), help: ArgumentHelp("Write to this file.", valueName: "file"), completion: .file(),
        transform: OutputPath.argument)
    var file: String?

    @OptionGroup var focus: FocusOptions

    func validate() throws {
        guard (from == nil) == (to == nil) else { throw ValidationError("--from and --to must be given together.") }
        if month != nil, from != nil { throw ValidationError("--month cannot be given with --from and --to.") }
        if let from, let to, to <= from {
            throw ValidationError("--to must be after --from: it is the day after the last.")
        }
        guard name == FocusDownload.report else {
            if focus.isEmpty { return }
            throw ValidationError("--focus-version and --dataset go with purser report focus.")
        }
        guard team == nil, from == nil, currency == nil, groupBy == nil, filter.isEmpty,
            format == .table || format == .csv
        else {
            throw ValidationError("focus is CSV in USD, of a month and of all teams.")
        }
    }

    func route() throws(CommandFailure) -> Route {
        var route = try Route("reports", name).query("month", month?.description).query("from", from?.description)
            .query("to", to?.description).query("team", team).query("group_by", groupBy)
        for pair in filter { route = route.query(Route.encoded(pair.key), pair.value) }
        return route.query("currency", currency).query("format", format == .table ? "json" : format.rawValue)
    }

    func run() async throws {
        if name == FocusDownload.report {
            return try await FocusDownload(month: month, options: focus).write(to: file)
        }
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
