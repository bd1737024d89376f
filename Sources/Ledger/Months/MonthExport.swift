import Accounting
import Crypto
import Postgres

/// The canonical export of a closed month: CSV as PostgreSQL writes it (view `month_export`), read in portions, so that a
/// month of any size is never held whole.
package struct MonthExport: Sendable {
    private static let entriesAPortion: Int64 = 5_000

    let month: CalendarMonth
    /// Of the close that made the month what is exported.
    let version: Int64
    private var lastEntryID: Int64?
    private(set) var entryCount: Int64 = 0

    init(_ month: CalendarMonth, version: Int64) {
        (self.month, self.version) = (month, version)
    }

    /// The export of a month as it is closed.
    package init(_ month: CalendarMonth, _ connection: Connection) throws {
        guard let version = try MonthRecord.closedVersion(of: month, connection) else {
            throw StoreFailure.monthOpen(month)
        }
        self.init(month, version: version)
    }

    /// The next portion; nil at the end. Throws where the month was reopened meanwhile.
    package mutating func next(_ connection: Connection) throws -> [UInt8]? {
        guard let after = lastEntryID else {
            lastEntryID = .min
            return Array(try connection.query("SELECT month_export_header()")[0].decode(String.self, at: 0).utf8) + [10]
        }
        let row = try connection.query(
            """
            SELECT string_agg(line || E'\\n', '' ORDER BY entry_id), max(entry_id), count(*),
                (SELECT max(c.version) FROM month_close c JOIN month m USING (month)
                    WHERE m.month = \(month.firstDay) AND m.state = 'closed')
            FROM (SELECT entry_id, line FROM month_export
                WHERE booking_month = \(month.firstDay) AND entry_id > \(after)
                ORDER BY entry_id LIMIT \(Self.entriesAPortion)) p
            """)[0]
        let (lines, last, count, version) = try row.decode((String?, Int64?, Int64, Int64?).self)
        guard version == self.version else { throw StoreFailure.monthOpen(month) }
        guard let lines, let last else { return nil }
        lastEntryID = last
        entryCount += count
        return Array(lines.utf8)
    }

    /// What the whole export comes to.
    struct Digest: Equatable {
        let sha256: String
        let entries: Int64
    }

    /// Reads the whole export, each portion in a snapshot of its own: a closed month does not change.
    static func digest(_ month: CalendarMonth, version: Int64, _ connection: Connection) throws -> Digest {
        var export = MonthExport(month, version: version)
        var hash = SHA256()
        while let portion = try export.next(connection) { hash.update(data: portion) }
        let hex = hash.finalize().map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
        return Digest(sha256: hex.joined(), entries: export.entryCount)
    }
}
