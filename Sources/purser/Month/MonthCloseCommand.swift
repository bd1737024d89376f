import Accounting
import ArgumentParser
import JSON
import Wording

struct MonthCloseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Close a month, and those before it that are open.",
        discussion: """
            Shows first what was checked. A month with a failed check stays open (exit code 6), unless --force says why it \
            closes all the same; that stays in its statement. What comes late for a closed month is booked in the first \
            open one. To close a closed month again changes nothing.

            Examples:
              purser month close 2026-10 --dry-run
              purser month close 2026-10
              purser month close 2026-10 --force --reason "invoice comes in May"
            """)

    static let notReadyCode: Int32 = 6
    private static let timeoutSeconds = 3_600

    @Argument(help: "The month, such as 2026-10.", transform: CalendarMonth.argument)
    var month: CalendarMonth

    @Flag(help: "Show the checks, and close nothing.")
    var dryRun = false

    @Flag(help: "Close although a check has failed.")
    var force = false

    @Option(help: "Why it is closed by force.")
    var reason: String?

    @OptionGroup var listing: ListingOptions

    func validate() throws {
        if force, reason == nil { throw ValidationError("--force needs --reason.") }
        if reason != nil, !force { throw ValidationError("--reason goes with --force.") }
    }

    func run() async throws {
        let client = try PurserClient()
        let route = try Route("months", month.description, "close")
        let trial = try await client.send(
            "POST", route, body: .object { $0.field("dry_run", true) }, timeoutSeconds: Self.timeoutSeconds)
        let found = try trial.json()
        let months = (found["earlier"].map { Array($0.elements) } ?? []) + [found]
        // Every month's checks are shown, also those behind one that has failed.
        let failed = try months.filter { try Self.show($0, listing) }.count > 0
        if found["state"]?.string == "closed", months.count == 1 {
            StandardError.writeLine("\(month) is closed already; nothing was changed.")
        } else if dryRun || failed && !force {
            if listing.output != .table { try listing.write(trial, "checks", columns: MonthPage.checks) }
            StandardError.writeLine(
                failed ? "\(month) is not ready to close; nothing was changed." : "\(month) is ready to close.")
            if failed { throw ExitCode(Self.notReadyCode) }
            return
        }
        let body = RequestBody.object { writer in
            if force { writer.field("force", true) }
            if let reason { writer.field("reason", reason) }
        }
        let closed = try await client.send("POST", route, body: body, timeoutSeconds: Self.timeoutSeconds)
        guard listing.output == .table else {
            return try listing.write(closed, "checks", columns: MonthPage.checks)
        }
        try StandardOutput.write(MonthPage(closed).heading)
    }

    /// Shows the checks of one month. Returns whether one has failed.
    private static func show(_ month: JSONValue, _ listing: ListingOptions) throws -> Bool {
        let checks = month["checks"].map { Array($0.elements) } ?? []
        if listing.output == .table, !checks.isEmpty {
            let display = Display.standardOutput(isExact: listing.exact)
            let title = PrintableText.of("Checks of \(Cell(month["month"]).plain)")
            try StandardOutput.write(title + "\n" + Listing(checks, columns: MonthPage.checks).fitting(display) + "\n")
        }
        return month["state"]?.string != "closed" && checks.contains { $0["status"]?.string == "fail" }
    }
}
