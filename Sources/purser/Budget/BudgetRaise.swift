import Accounting
import ArgumentParser
import JSON
import Ledger
import Wording

struct BudgetRaise: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "raise", abstract: "Add to a budget for a time.",
        discussion: """
            The limit itself stays as it is. A weekday or a day means its end, in the budget's time zone.

            Examples:
              purser budget raise team/search +200 --until friday --reason "launch week"
              purser budget raise nightly +1000 --until 2026-12-01 --reason backfill
            """)

    @OptionGroup var boost: BoostOptions

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let client = try PurserClient()
        let route = try Route("budgets", boost.id)
        let before = try await client.get(route).json()
        let answer = try await client.send("POST", Route("budgets", boost.id, "boosts"), body: boost.body(for: before))
        try listing.writeRecord(answer, columns: Column.boost)
        let after = BudgetOutcome(of: try await client.get(route).json())
        if let old = BudgetOutcome(of: before).limit, let new = after.limit, old != new {
            let until = Phrase.time(Cell(try answer.json()["until"]).plain)
            StandardError.writeLine("\(boost.id): limit of the window \(old) → \(new), until \(until)")
        }
        if let text = after.text { StandardError.writeLine(text) }
    }
}

/// More of a budget for a time, and why.
struct BoostOptions: ParsableArguments {
    @Argument(help: "The budget's id.", transform: Name.checked)
    var id: String

    @Argument(help: "How much more, such as +200, in what the budget counts.", transform: UnitAmount.added)
    var amount: UnitAmount

    @Option(
        help: ArgumentHelp(
            "When it ends: friday, 3d, 2026-12-01 or a moment such as 2026-12-01T12:00:00Z.", valueName: "time"),
        transform: Until.argument)
    var until: Until

    @Option(help: "Why, for those who look at it later.")
    var reason: String

    func body(for budget: JSONValue) throws(CommandFailure) -> RequestBody {
        let zone = try Zone(of: budget)
        guard let unit = Budget.Unit(budget) else {
            throw CommandFailure(
                .refused,
                "The budget's unit is not known here; are the server and this command of one version?")
        }
        return .object { writer in
            amount.write(to: &writer, named: "amount_\(unit.rawValue)", in: unit)
            writer.field("until", until.moment(in: zone, at: SystemClock.wallTime()).description)
            writer.field("reason", reason)
        }
    }
}
