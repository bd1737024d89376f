import Accounting
import ArgumentParser
import JSON

struct BudgetSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Make a budget, or replace one.",
        discussion: """
            The options together are the whole budget: what is not given is unset, also where the budget had it \
            before. Its scope, period and time zone cannot change later.

            Examples:
              purser budget set team/search --team search --limit 500 --period month \\
                --alert-at 50%,80%,100%
              purser budget set autocomplete --team search --feature autocomplete \\
                --limit 20 --period day --time-zone Europe/Berlin --downgrade-at 80%
              purser budget set nightly --team research --run nightly-eval --limit 5 --period total
              purser budget set fair-use --team search --user u1 \\
                --limit-calls 1000 --period day --soft
            """)

    @Argument(help: "The budget's id.", transform: Name.checked)
    var id: String

    @OptionGroup(title: "Scope") var scope: ScopeOptions

    @OptionGroup(title: "Limit") var limit: LimitOptions

    @Option(help: "How long the money lasts before a new window begins.")
    var period: Period = .month

    @Option(help: "Where its days and months begin, such as Europe/Berlin; UTC unless given.")
    var timeZone: String?

    @Flag(exclusivity: .exclusive)
    var enforcement: Budget.Enforcement = .hard

    @Option(help: "Whether a hard budget in money denies or admits calls that have no price.")
    var unpriced: Budget.Unpriced = .deny

    @Option(
        help: ArgumentHelp(
            "Use the next model of the ladder from this share of the limit on, such as 80%.", valueName: "share"),
        transform: Fraction.argument)
    var downgradeAt: Fraction?

    @Option(
        help: ArgumentHelp("Alert at these shares of the limit, such as 50%,80%,100%.", valueName: "shares"),
        transform: Fraction.listArgument)
    var alertAt: [Fraction] = []

    @Option(help: ArgumentHelp("Replace only this version of the budget.", valueName: "version"))
    var ifVersion: Int?

    @OptionGroup var listing: ListingOptions

    var body: RequestBody {
        .object { writer in
            writer.name("scope")
            writer.object(scope.write)
            writer.field("period", period.rawValue)
            if let timeZone { writer.field("time_zone", timeZone) }
            limit.write(to: &writer)
            writer.field("enforcement", enforcement.rawValue)
            if unpriced != .deny { writer.field("unpriced", unpriced.rawValue) }
            if let downgradeAt {
                writer.name("downgrade_at")
                writer.verbatim(downgradeAt.description)
            }
            if !alertAt.isEmpty {
                writer.name("alert_at")
                writer.array(alertAt) { $0.verbatim($1.description) }
            }
        }
    }

    func run() async throws {
        let answer = try await PurserClient().send("PUT", Route("budgets", id), body: body, ifMatch: ifVersion)
        try listing.writeRecord(answer, columns: Column.budget)
    }
}
