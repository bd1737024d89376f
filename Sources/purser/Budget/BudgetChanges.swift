import ArgumentParser

struct BudgetChanges: ListCommand {
    static let configuration = CommandConfiguration(
        commandName: "changes", abstract: "List the changes of a budget that are planned, or were.")
    static let field: StaticString = "changes"
    static let columns = Column.plannedChange

    @Argument(help: "The budget's id.", transform: Name.checked)
    var id: String

    @OptionGroup var listing: ListingOptions

    var title: TableTitle { TableTitle("Planned changes of \(id)") }
    var route: Route { get throws { try Route("budgets", id, "changes") } }
}

extension Column {
    static let plannedChange: [Column] = [
        .text("number"), .time("effective_from", title: "FROM"), .text("state"), .text("made_by", title: "BY"),
        .time("made_at", isWide: true), .text("version", isWide: true), .text("withdrawn_by", isWide: true),
        .text("why_failed", isWide: true), .prose("change"),
    ]
}
