import Accounting
import Postgres

/// What is true of a report as a whole.
package struct ReportFrame: Sendable {
    /// The accounting time zone, in which the range has its days.
    package let zone: Zone
    /// When the rows were read.
    package let asOf: Timestamp
    /// Whether every month of the range is closed.
    package let isClosed: Bool
    /// The release of the price book that was in force then; nil if none was loaded.
    package let release: PriceRelease?

    /// Of a month that is kept as it was when it closed.
    init(zone: Zone, closedAt: Timestamp, release: PriceRelease?) {
        (self.zone, asOf, isClosed, self.release) = (zone, closedAt, true, release)
    }

    init(_ range: ReportRange, _ transaction: borrowing Transaction) throws {
        let row = try transaction.query(
            """
            SELECT now(), accounting_time_zone, NOT EXISTS (
                SELECT FROM generate_series(\(range.from.month.firstDay)::date::timestamp, \(range.to)::date::timestamp
                    - interval '1 day', interval '1 month') AS wanted(month)
                WHERE NOT EXISTS (SELECT FROM month m WHERE m.month = wanted.month::date AND m.state = 'closed'))
            FROM deployment
            """)[0]
        let zoneName: String
        (asOf, zoneName, isClosed) = try row.decode((Timestamp, String, Bool).self)
        guard let zone = Zone(name: zoneName) else { throw StoreFailure.unknownTimeZone(zoneName) }
        self.zone = zone
        release = try PriceReleaseStore.newest(transaction)
    }
}
