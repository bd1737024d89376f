import Accounting
import Postgres

@testable import Ledger

extension ReportDefinition {
    /// Runs the report of a month, for one team or all.
    func run(month: CalendarMonth, team: String?, _ connection: Connection) throws -> Report {
        try run(ReportQuery(ReportRange(month), team: team), connection)
    }
}

extension Report {
    /// The text of a total; nil where the column has none.
    func total(_ column: String) -> String? {
        columns.firstIndex { $0.name == column }.flatMap { totals?[$0]?.text }
    }
}
