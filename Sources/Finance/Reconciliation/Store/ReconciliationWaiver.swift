import Accounting
import Ledger
import Postgres

/// That nobody compares a provider's invoice with a month, and why.
package struct ReconciliationWaiver: Sendable {
    package let month: CalendarMonth
    package let provider: String
    package let waivedAt: Timestamp
    package let waivedBy: String
    package let reason: String

    /// Waives a provider. The first waiver stays.
    package static func add(
        _ provider: String, of month: CalendarMonth, by author: String, reason: String, _ connection: Connection
    ) throws -> ReconciliationWaiver {
        try connection.execute(
            """
            INSERT INTO reconciliation_waiver (month, provider, waived_by, reason)
            VALUES (\(month.firstDay), \(provider), \(author), \(reason)) ON CONFLICT DO NOTHING
            """)
        return try ReconciliationWaiver(
            connection.query(
                statement + " WHERE month = \(month.firstDay) AND provider = \(provider)")[0])
    }

    package static func list(of month: CalendarMonth, _ connection: Connection) throws -> [ReconciliationWaiver] {
        try connection.query(statement + " WHERE month = \(month.firstDay) ORDER BY provider")
            .map(ReconciliationWaiver.init)
    }

    private static let statement: SQL =
        "SELECT month, provider, waived_at, waived_by, reason FROM reconciliation_waiver"

    private init(_ row: Row) throws {
        let day: CalendarDay
        (day, provider, waivedAt, waivedBy, reason) = try row.decode(
            (CalendarDay, String, Timestamp, String, String).self)
        month = day.month
    }
}
