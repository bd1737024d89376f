import API
import Accounting
import ArgumentParser
import JSON
import Wording

struct BudgetAlter: AsyncParsableCommand, NamesFields {
    static let configuration = CommandConfiguration(
        commandName: "change", abstract: "Change what is named of a budget, and nothing else.",
        discussion: """
            Where a hard budget would allow more than before, it shows the change and asks; where nobody can be asked, \
            --yes is the answer.

            Examples:
              purser budget change team/search --limit 700 --reason "launch week"
              purser budget change team/search --limit 900 --from 2026-12-15
              purser budget change team/search --soft --alert-at 80%,100% --yes
            """)

    static let fieldNames = SettingOptions.fieldNames.merging(["effective_from": "--from"]) { $1 }

    @Argument(help: "The budget's id.", transform: Name.checked)
    var id: String

    @OptionGroup(title: "Limit") var limit: LimitOptions

    @OptionGroup var settings: SettingOptions

    @Option(
        help: ArgumentHelp(
            "When it is to be made: the beginning of a day in the budget's time zone, or a moment; at once unless given.",
            valueName: "time"),
        transform: Beginning.argument)
    var from: Beginning?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Change only this version of the budget.", valueName: "version"),
        transform: Quantity.argument)
    var ifVersion: Int64?

    @OptionGroup var confirming: ConfirmingOptions

    @OptionGroup var listing: ListingOptions

    func validate() throws {
        guard limit.unit != nil || !settings.isEmpty else {
            throw ValidationError("Name what is to be changed, such as --limit 700.")
        }
    }

    /// - Parameter before: the budget, if it is known.
    func body(for before: JSONValue?, from moment: Timestamp? = nil) -> RequestBody {
        let unit = before.flatMap(Budget.Unit.init) ?? .usd
        return .object { writer in
            if let moment { writer.field("effective_from", moment.description) }
            limit.write(to: &writer)
            settings.write(
                to: &writer, in: unit, enforcement: settings.enforcement, besides: before?["planned"])
        }
    }

    func run() async throws {
        let client = try PurserClient()
        let route = try Route("budgets", id)
        let before = try await client.get(route).json()
        let body = body(for: before)
        let difference = try BudgetDifference(of: before, changedBy: body)
        try confirming.require(difference)
        if let from {
            return try await plan(difference, from.moment(of: before), before, client)
        }
        let answer = try await client.change(
            "PATCH", route, id, body, ifVersion: ifVersion, seen: before["version"]?.integer)
        try listing.writeRecord(answer, columns: Column.budget)
        try BudgetOutcome.tell(id, from: before, to: answer.json())
        try answer.tellWarnings()
    }

    private func plan(
        _ difference: BudgetDifference, _ moment: Timestamp, _ before: JSONValue, _ client: PurserClient
    ) async throws {
        let answer = try await client.change(
            "PATCH", Route("budgets", id), id, body(for: before, from: moment), ifVersion: ifVersion,
            seen: before["version"]?.integer)
        try listing.writeRecord(answer, columns: Column.plannedChange)
        let begins = Phrase.time(moment.description)
        StandardError.writeLine("\(id): from \(begins) on: \(difference.text ?? "nothing changes")")
    }
}

extension PurserClient {
    /// Changes the version of a budget that was seen, or the one that somebody named.
    func change(
        _ method: String, _ route: Route, _ id: String, _ body: RequestBody?, ifVersion: Int64?, seen: Int64?
    ) async throws(CommandFailure) -> Answer {
        do {
            return try await send(method, route, body: body, ifMatch: ifVersion ?? seen)
        } catch {
            guard error.status == 412 else { throw error }
            let why = ifVersion.map { "\(id) is not at version \($0)" } ?? "Somebody has changed \(id) just now"
            throw CommandFailure(.refused, "\(why); nothing was done. See: purser budget show \(id) --output json")
        }
    }
}
