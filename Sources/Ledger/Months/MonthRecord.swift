import Accounting
import Postgres

/// A month as lists show it.
package struct MonthRecord: Sendable {
    package let month: CalendarMonth
    package let isClosed: Bool
    /// Of its last close; nil if it never closed.
    package let version: Int64?
    /// Nil while it is open.
    package let closedAt: Timestamp?
    package let closedBy: String?
    /// In nanodollars.
    package let total: Int128
    package let entries: Int64
    /// Of the canonical export; nil unless the month is closed and all of it was read.
    package let sha256: String?

    private static let statement: SQL = """
        SELECT m.month, m.state = 'closed', c.version, m.closed_at, CASE WHEN m.state = 'closed' THEN c.closed_by END,
            COALESCE(r.total, 0), COALESCE(r.entries, 0),
            CASE WHEN m.state = 'closed' THEN c.statement ->> 'sha256' END
        FROM month m
        LEFT JOIN LATERAL (SELECT * FROM month_close c WHERE c.month = m.month ORDER BY version DESC LIMIT 1) c ON true
        CROSS JOIN LATERAL (
            SELECT sum(effective_cost_nanodollars)::numeric AS total, sum(entries)::bigint AS entries
            FROM rollup WHERE booking_month = m.month) r
        """

    /// The months with bookings, the closed ones from the first of them on, and the current one.
    package static func all(_ connection: Connection) throws -> [MonthRecord] {
        try connection.query(
            statement
                + """
                 WHERE r.entries IS NOT NULL
                    OR m.state = 'closed' AND m.month >= COALESCE((SELECT min(booking_month) FROM rollup), m.month)
                    OR m.month = (SELECT date_trunc('month', now() AT TIME ZONE accounting_time_zone)::date FROM deployment)
                ORDER BY m.month
                """
        ).map(MonthRecord.init)
    }

    /// Nil for a month that the ledger does not have.
    package static func find(_ month: CalendarMonth, _ connection: Connection) throws -> MonthRecord? {
        try connection.query(statement + " WHERE m.month = \(month.firstDay)").first.map(MonthRecord.init)
    }

    /// The version of the month's last close; nil while it is open.
    static func closedVersion(of month: CalendarMonth, _ connection: Connection) throws -> Int64? {
        try connection.query(
            """
            SELECT max(c.version) FROM month m JOIN month_close c USING (month)
            WHERE m.month = \(month.firstDay) AND m.state = 'closed'
            """)[0].decode(at: 0)
    }

    private init(_ row: Row) throws {
        let day: CalendarDay
        (day, isClosed, version, closedAt, closedBy, total, entries, sha256) = try row.decode(
            (CalendarDay, Bool, Int64?, Timestamp?, String?, Int128, Int64, String?).self)
        month = day.month
    }
}
