import ArgumentParser
import JSON

struct BudgetHistory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "List what was changed of a budget, by whom and when.")

    @Argument(help: "The budget's id.", completion: .budgets, transform: Name.checked)
    var id: String

    @OptionGroup var listing: ListingOptions

    func run() async throws {
        let answer = try await PurserClient().get(Route("budgets", id, "history"))
        try listing.write(
            answer, listing: Self.listing(answer.objects("history")),
            title: TableTitle("Changes of the budget \(id)"))
    }

    static func listing(_ versions: [JSONValue]) -> Listing {
        var listing = Listing(versions, columns: Column.budgetVersion)
        listing.headings.append(Listing.Heading(name: "change", title: "CHANGE"))
        listing.headings.append(Listing.Heading(name: "reason", title: "REASON"))
        for (index, version) in versions.enumerated() {
            listing.rows[index].append(.text(change(to: version, from: index > 0 ? versions[index - 1] : nil)))
            listing.rows[index].append(version["reason"]?.string.map(Cell.text) ?? .absent)
        }
        return listing
    }

    private static func change(to version: JSONValue, from before: JSONValue?) -> String {
        if isRemoval(version) { return "removed" }
        let settings = BudgetSettings(of: version)
        // A budget that was removed and made again begins anew.
        guard let before, !isRemoval(before) else { return "made: \(settings.text(without: ["scope", "period"]))" }
        return settings.changes(since: BudgetSettings(of: before)) ?? "nothing"
    }

    private static func isRemoval(_ version: JSONValue) -> Bool { version["removed"]?.bool == true }
}
