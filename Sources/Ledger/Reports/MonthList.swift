import Accounting
import Postgres

/// The months of the ledger and whether they are closed.
package struct MonthList: Sendable {
    package let month: CalendarMonth
    package let state: String
    package let closedAt: Timestamp?

    package static func all(_ connection: Connection) throws -> [MonthList] {
        try connection.query("SELECT month, state, closed_at FROM month ORDER BY month").map {
            let (month, state, closedAt) = try $0.decode((CalendarDay, String, Timestamp?).self)
            return MonthList(month: month.month, state: state, closedAt: closedAt)
        }
    }
}
