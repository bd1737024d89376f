import API
import Accounting
import ArgumentParser
import JSON

struct BudgetSet: AsyncParsableCommand, NamesFields {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Make a budget, or replace one.",
        discussion: """
            The options together are the whole budget. Where it is there already and has set what they do not name, \
            nothing is done; with --replace that is dropped. Its scope, period and time zone cannot change later.

            Examples:
              purser budget set team/search --team search --limit 500 --period month \\
                --alert-at 50%,80%,100%
              purser budget set autocomplete --team search --feature autocomplete \\
                --limit 20 --period day --time-zone Europe/Berlin --downgrade-at 80%
              purser budget set nightly --team research --run nightly-eval \\
                --limit 5 --period total
              purser budget set fair-use --team search --user u1 \\
                --limit-calls 1000 --period day --soft
              purser budget set research --team research --limit 500 --company-owned \\
                --plan 2026-12=700 --carry-over 100
            """)

    static let fieldNames = SettingOptions.fieldNames

    @Argument(help: "The budget's id.", completion: .budgets, transform: Name.checked)
    var id: String

    @OptionGroup(title: "Scope") var scope: ScopeOptions

    @OptionGroup(title: "Limit") var limit: LimitOptions

    @Option(help: "How long the money lasts before a new window begins.")
    var period: Period = .month

    @Option(help: "Where its days and months begin, such as Europe/Berlin; UTC unless given.")
    var timeZone: String?

    @OptionGroup var settings: SettingOptions

    @Option(
        help: ArgumentHelp("The day or month that begins a week, or a fiscal quarter or year.", valueName: "start"),
        transform: { $0.lowercased() })
    var startsOn: String?

    @Flag(help: "Drop what the budget has set and the options do not name.")
    var replace = false

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Replace only this version of the budget.", valueName: "version"),
        transform: Quantity.argument)
    var ifVersion: Int64?

    @OptionGroup var confirming: ConfirmingOptions

    @OptionGroup var listing: ListingOptions

    func validate() throws {
        guard limit.unit != nil else { throw ValidationError(LimitOptions.oneOfThem) }
        if let startsOn, period.starting(on: startsOn) == nil {
            throw ValidationError(
                "--starts-on is monday or sunday for a week, and the first month, 1 to 12, for quarters and years.")
        }
    }

    var body: RequestBody {
        .object { writer in
            writer.name("scope")
            writer.object(scope.write)
            (startsOn.flatMap(period.starting) ?? period).write(to: &writer)
            if let timeZone { writer.field("time_zone", timeZone) }
            limit.write(to: &writer)
            settings.write(to: &writer, in: limit.unit ?? .usd, enforcement: settings.enforcement ?? .hard)
        }
    }

    func run() async throws {
        let client = try PurserClient()
        let route = try Route("budgets", id)
        let change = BudgetChange(before: try await client.find(route)?.json())
        if !replace { try change.requireNothingDropped(by: self) }
        if let before = change.before { try confirming.require(BudgetDifference(of: before, replacedBy: body)) }
        let answer = try await client.change(
            "PUT", route, id, body, ifVersion: ifVersion, seen: change.before?["version"]?.integer)
        try listing.writeRecord(answer, columns: Column.budget)
        try BudgetOutcome.tell(id, from: change.before, to: answer.json())
        try answer.tellWarnings()
    }
}
