import Accounting
import ArgumentParser

struct DisputedList: ListCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the newest usage that was refused because its id has other content, with what was decided.")
    static let field: StaticString = "disputed"
    static let columns = Column.disputed

    @Option(help: "Only the calls of this team.", completion: .teams, transform: Name.checked)
    var team: String?
    @Option(help: "Only the calls of this month, such as 2026-10.", transform: CalendarMonth.argument)
    var month: CalendarMonth?
    @Option(help: "Only open, accepted or dismissed ones.")
    var state: State?
    @OptionGroup var listing: ListingOptions

    enum State: String, CaseIterable, ExpressibleByArgument { case open, accepted, dismissed }

    var title: TableTitle { TableTitle("Disputed usage", ofTeam: team) }

    var route: Route {
        get throws {
            try Route("disputed").query("team", team).query("month", month?.description).query("state", state?.rawValue)
        }
    }
}

extension Column {
    static let disputed: [Column] = [
        .text("number"), .time("recorded_at", title: "REFUSED").spared(3), .text("team").spared(1), .text("id"),
        .text("source", isWide: true), .text("model").spared(2), .amount("cost_usd", title: "COST"),
        .amount("committed_cost_usd", title: "COMMITTED"),
        .text("state"), .text("decided_by", isWide: true), .text("reason", isWide: true),
        .time("occurred_at", isWide: true), .text("committed_entry_id", isWide: true), .text("entry_id", isWide: true),
        .text("provider", isWide: true), .time("decided_at", isWide: true),
    ]
}
