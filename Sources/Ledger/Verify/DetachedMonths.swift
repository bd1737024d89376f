import Accounting
import Postgres

/// The months whose entries are not in the ledger any more, because their partition was detached, to be archived.
struct DetachedMonths {
    /// Sorted.
    let months: [CalendarMonth]

    init(_ transaction: borrowing Transaction) throws {
        months = try transaction.query(
            """
            SELECT m.month FROM (SELECT month FROM month UNION SELECT DISTINCT booking_month FROM rollup) m
            WHERE NOT EXISTS (
                SELECT FROM pg_inherits i WHERE i.inhparent = 'ledger'::regclass
                    AND i.inhrelid = to_regclass('ledger_' || to_char(m.month, 'YYYY_MM')))
            ORDER BY 1
            """
        ).map { try $0.decode(CalendarDay.self, at: 0).month }
    }

    /// Whether entries that are missing from what was committed then may be of these months. An entry is booked in the
    /// month of its call or in a later one, and may be committed as long after as calls are taken.
    func mayExplain(missingSince moment: Timestamp) -> Bool {
        guard let first = months.first else { return false }
        return moment.day.month >= first
    }

    /// Whether a window that begins then may have been charged by entries of these months.
    func mayExplain(windowFrom start: Timestamp) -> Bool {
        guard let last = months.last else { return false }
        return start.day.month <= last
    }

    var text: String { months.map(\.description).joined(separator: ", ") }
}
