import Accounting
import Postgres

/// Compares sums that maintenance folds entries into (`EntryFold`) with the entries that are in them, a day at a time, each in
/// a snapshot of its own. What is behind the fences is in no sum yet.
struct FoldedSumCheck {
    private(set) var result: IntegrityCheck
    /// What problems call the sums.
    private let words: String
    private let table: SQL
    private let columns: SQL
    /// The sums of the entries (`l`) for which a condition holds.
    private let summed: (SQL) -> SQL

    private init(
        _ claim: String, words: String, table: String, columns: [String], _ summed: @escaping (SQL) -> SQL
    ) {
        result = IntegrityCheck(claim)
        (self.words, self.table, self.summed) = (words, SQL(unescaped: table), summed)
        self.columns = SQL(unescaped: columns.joined(separator: ", "))
    }

    static var details: FoldedSumCheck {
        FoldedSumCheck(
            "every sum by user, run and tags is that of the entries", words: "the sums by user, run and tags",
            table: "detail_sum", columns: DetailSums.keyColumns + DetailSums.sumColumns
        ) { DetailSums.sums(where: $0 + " AND " + DetailSums.fold.isFolded) }
    }

    static var meters: FoldedSumCheck {
        FoldedSumCheck(
            "every sum of a meter is that of its entries, at their prices", words: "the sums of meters",
            table: "meter_sum", columns: MeterSums.keyColumns + MeterSums.sumColumns
        ) { MeterSums.summed(from: "ledger l WHERE " + $0 + " AND " + MeterSums.fold.isFolded) }
    }

    /// Checks the sums of the days after `first` (nil: from the beginning) up to `last` (nil: to the end) that are booked
    /// in `month`.
    mutating func check(
        _ month: CalendarDay, after first: CalendarDay?, to last: CalendarDay?, _ transaction: borrowing Transaction
    ) throws {
        let range: SQL = """
            l.booking_month = \(month) AND l.day > COALESCE(\(first), '-infinity'::date)
            AND l.day <= COALESCE(\(last), 'infinity'::date)
            """
        let count = try transaction.query("SELECT count(*) FROM \(sql: table) l WHERE \(sql: range)")[0]
        result.checked += Int(try count.decode(Int64.self, at: 0))
        let rows = try transaction.query(
            """
            WITH summed AS (\(sql: summed(range))),
            kept AS (SELECT \(sql: columns) FROM \(sql: table) l WHERE \(sql: range))
            SELECT DISTINCT \(words) || ' of ' || team || ' on ' || day || ' for ' || model || ' are not the ledger''s'
            FROM ((TABLE summed EXCEPT TABLE kept) UNION ALL (TABLE kept EXCEPT TABLE summed)) d
            LIMIT \(IntegrityCheck.limit)
            """)
        for row in rows { result.note(try row.decode(String.self, at: 0)) }
    }

    mutating func noteDetached(_ detached: DetachedMonths) {
        if !detached.months.isEmpty {
            result.gaps.append("\(words) of months that are not attached: \(detached.text)")
        }
    }
}
