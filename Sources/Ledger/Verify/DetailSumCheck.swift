import Accounting
import Postgres

/// Compares the sums by user, run and tags with the entries that are in them, a day at a time, each in a snapshot of its own.
/// What is behind the fences is in no sum yet.
struct DetailSumCheck {
    private(set) var result = IntegrityCheck("every sum by user, run and tags is that of the entries")

    /// Checks the sums of the days after `first` (nil: from the beginning) up to `last` (nil: to the end) that are booked
    /// in `month`.
    mutating func check(
        _ month: CalendarDay, after first: CalendarDay?, to last: CalendarDay?, _ transaction: borrowing Transaction
    ) throws {
        let range: SQL = """
            l.booking_month = \(month) AND l.day > COALESCE(\(first), '-infinity'::date)
            AND l.day <= COALESCE(\(last), 'infinity'::date)
            """
        let isFolded: SQL = """
            EXISTS (SELECT FROM detail_sum_fence f
                WHERE f.replica_id = l.entry_id >> \(unescaped: "\(EntryID.numberBits)") AND f.entry_id >= l.entry_id)
            """
        let columns = (DetailSums.keyColumns + DetailSums.sumColumns).joined(separator: ", ")
        result.checked += Int(
            try transaction.query("SELECT count(*) FROM detail_sum l WHERE \(sql: range)")[0].decode(Int64.self, at: 0))
        let rows = try transaction.query(
            """
            WITH summed AS (\(sql: DetailSums.sums(where: range + " AND " + isFolded))),
            kept AS (SELECT \(unescaped: columns) FROM detail_sum l WHERE \(sql: range))
            SELECT DISTINCT 'the sums by user, run and tags of ' || team || ' on ' || day || ' for ' || model
                || ' are not the ledger''s'
            FROM ((TABLE summed EXCEPT TABLE kept) UNION ALL (TABLE kept EXCEPT TABLE summed)) d
            LIMIT \(IntegrityCheck.limit)
            """)
        for row in rows { result.note(try row.decode(String.self, at: 0)) }
    }

    mutating func noteDetached(_ detached: DetachedMonths) {
        if !detached.months.isEmpty {
            result.gaps.append("the sums by user, run and tags of months that are not attached: \(detached.text)")
        }
    }
}
