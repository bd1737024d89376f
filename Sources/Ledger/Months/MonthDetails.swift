import Accounting
import JSON
import Postgres

/// A month with all that was said of it when it closed.
package struct MonthDetails: Sendable {
    package struct Reopening: Sendable {
        package let version: Int64
        package let reopenedAt: Timestamp
        package let reopenedBy: String
        package let reason: String
    }

    package let record: MonthRecord
    /// Whether the month is never reopened.
    package let isLocked: Bool
    /// Of its close; empty while it is open.
    package let checks: [MonthCheck]
    package let isForced: Bool
    package let reason: String?
    /// Nil while it is open, and until all of it was read.
    package let statement: MonthStatement?
    package let reopenings: [Reopening]

    /// Nil for a month that the ledger does not have.
    package static func find(_ month: CalendarMonth, _ connection: Connection) throws -> MonthDetails? {
        guard let record = try MonthRecord.find(month, connection) else { return nil }
        let close = try connection.query(
            """
            SELECT c.checks::text, c.forced, c.reason, c.statement::text FROM month m JOIN month_close c USING (month)
            WHERE m.month = \(month.firstDay) AND m.state = 'closed' ORDER BY c.version DESC LIMIT 1
            """
        ).first.map { try $0.decode((String, Bool, String?, String?).self) }
        let isLocked = try connection.query(
            "SELECT COALESCE(hard_lock_month >= \(month.firstDay), false) FROM deployment")[
                0
            ].decode(Bool.self, at: 0)
        let reopenings = try connection.query(
            """
            SELECT version, reopened_at, reopened_by, reason FROM month_reopening WHERE month = \(month.firstDay)
            ORDER BY version
            """
        ).map { row in
            let (version, time, author, reason) = try row.decode((Int64, Timestamp, String, String).self)
            return Reopening(version: version, reopenedAt: time, reopenedBy: author, reason: reason)
        }
        return MonthDetails(
            record: record, isLocked: isLocked, checks: try close.map { try checks($0.0) } ?? [],
            isForced: close?.1 ?? false, reason: close?.2,
            statement: try close?.3.map { MonthStatement(try JSONDocument(Array($0.utf8)).root) },
            reopenings: reopenings)
    }

    private static func checks(_ text: String) throws -> [MonthCheck] {
        try JSONDocument(Array(text.utf8)).root.elements.compactMap { json in
            guard let code = json["code"]?.string, let message = json["message"]?.string,
                let status = json["status"]?.string.flatMap(MonthCheck.Status.init(rawValue:))
            else { return nil }
            return MonthCheck(code, status, message)
        }
    }
}
