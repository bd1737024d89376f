import ArgumentParser
import JSON

struct BudgetBoosts: ListCommand {
    static let configuration = CommandConfiguration(
        commandName: "boosts", abstract: "List what was added to a budget for a time, by whom and why.")
    static let field: StaticString = "boosts"
    static let columns = Column.boost

    @Argument(help: "The budget's id.", transform: Name.checked)
    var id: String

    @OptionGroup var listing: ListingOptions

    var title: TableTitle { TableTitle("Boosts of \(id)") }
    var route: Route { get throws { try Route("budgets", id, "boosts") } }
}

extension Column {
    static let boost: [Column] = [
        .text("number"), amount, .time("from").spared(2), .time("until"), .text("state"),
        .text("made_by", title: "BY").spared(1),
        .time("made_at", isWide: true), .text("withdrawn_by", isWide: true), .time("withdrawn_at", isWide: true),
        .prose("reason"),
    ]

    /// What is added or asked for, in the unit of its budget.
    static var amount: Column {
        Column("amount") { boost in
            guard let (name, value) = boost.fields.first(where: { $0.name.hasPrefix("amount_") }) else {
                return .absent
            }
            return name == "amount_usd" ? Cell(value, text: Cell.amount) : Cell(value)
        }
    }
}
