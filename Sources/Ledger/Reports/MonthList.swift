import Accounting
import Postgres

/// The months with bookings, the closed months and the current month, each with its state.
package struct MonthList: Sendable {
    package let month: CalendarMonth
    package let state: String
    package let closedAt: Timestamp?

    package static func all(_ connection: Connection) throws -> [MonthList] {
        try connection.query(
            """
            SELECT month, state, closed_at FROM month
            WHERE EXISTS (SELECT 1 FROM rollup r WHERE r.booking_month = month.month) OR state = 'closed'
                OR month = (SELECT date_trunc('month', now() AT TIME ZONE accounting_time_zone)::date FROM deployment)
            ORDER BY month
            """
        ).map {
            let (month, state, closedAt) = try $0.decode((CalendarDay, String, Timestamp?).self)
            return MonthList(month: month.month, state: state, closedAt: closedAt)
        }
    }
}
