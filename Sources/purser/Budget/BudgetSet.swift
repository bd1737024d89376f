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
            """)

    static let fieldNames = ["enforcement": "--hard, --soft or --shadow"]

    @Argument(help: "The budget's id.", completion: .budgets, transform: Name.checked)
    var id: String

    @OptionGroup(title: "Scope") var scope: ScopeOptions

    @OptionGroup(title: "Limit") var limit: LimitOptions

    @Option(help: "How long the money lasts before a new window begins.")
    var period: Period = .month

    @Option(help: "Where its days and months begin, such as Europe/Berlin; UTC unless given.")
    var timeZone: String?

    @Flag(exclusivity: .exclusive)
    var enforcement: Budget.Enforcement?

    @Option(
        help: "Whether a hard budget in money denies calls that have no price, as it does unless told, or admits them.")
    var unpriced: Budget.Unpriced?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Use the next model of the ladder from this share of the limit on, such as 80%.", valueName: "share"),
        transform: Fraction.limitArgument)
    var downgradeAt: Fraction?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Alert at these shares of the limit, such as 50%,80%,100%.", valueName: "shares"),
        transform: Fraction.limitListArgument)
    var alertAt: [Fraction] = []

    @Flag(help: "Drop what the budget has set and the options do not name.")
    var replace = false

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Replace only this version of the budget.", valueName: "version"),
        transform: Quantity.argument)
    var ifVersion: Int64?

    @OptionGroup var listing: ListingOptions

    var body: RequestBody {
        .object { writer in
            writer.name("scope")
            writer.object(scope.write)
            period.write(to: &writer)
            if let timeZone { writer.field("time_zone", timeZone) }
            limit.write(to: &writer)
            writer.field("enforcement", (enforcement ?? .hard).rawValue)
            if let unpriced, unpriced != .deny { writer.field("unpriced", unpriced.rawValue) }
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
        let client = try PurserClient()
        let route = try Route("budgets", id)
        let change = BudgetChange(before: try await client.find(route)?.json())
        if !replace { try change.requireNothingDropped(by: self) }
        let answer = try await put(to: route, ifMatch: ifVersion ?? change.version, client)
        try listing.writeRecord(answer, columns: Column.budget)
        if let text = change.text(to: try answer.json()) { StandardError.writeLine("\(id): \(text)") }
        try answer.tellWarnings()
    }

    private func put(to route: Route, ifMatch version: Int64?, _ client: PurserClient) async throws(CommandFailure)
        -> Answer
    {
        do {
            return try await client.send("PUT", route, body: body, ifMatch: version)
        } catch {
            guard error.status == 412 else { throw error }
            let why = ifVersion.map { "\(id) is not at version \($0)" } ?? "Somebody has changed \(id) just now"
            throw CommandFailure(.refused, "\(why); nothing was done. See: purser budget show \(id) --output json")
        }
    }
}
