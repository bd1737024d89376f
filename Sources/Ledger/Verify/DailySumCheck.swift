import Accounting
import Postgres

/// Compares daily sums with the entries that they sum, a day at a time, each in a snapshot of its own.
struct DailySumCheck {
    private(set) var result = IntegrityCheck("every daily sum is the sum of its entries")

    /// The days of a month, of which the days between one and the next are checked too: none may have entries.
    static func days(of month: CalendarMonth, _ transaction: borrowing Transaction) throws -> [CalendarDay] {
        try transaction.query("SELECT DISTINCT day FROM rollup WHERE booking_month = \(month.firstDay) ORDER BY 1")
            .map { try $0.decode(CalendarDay.self, at: 0) }
    }

    /// The booking months that have sums or a partition for entries.
    static func months(_ transaction: borrowing Transaction) throws -> [CalendarMonth] {
        try transaction.query("SELECT month FROM month UNION SELECT DISTINCT booking_month FROM rollup ORDER BY 1")
            .map { try $0.decode(CalendarDay.self, at: 0).month }
    }

    /// Checks the sums of the days after `first` (nil: from the beginning) up to `last` (nil: to the end) that are
    /// booked in `month`.
    mutating func check(
        _ month: CalendarDay, after first: CalendarDay?, to last: CalendarDay?, _ transaction: borrowing Transaction
    ) throws {
        let keys = RollupRows.keyColumns.joined(separator: ", ")
        let names = RollupSums.columns.map(\.name).joined(separator: ", ")
        let sums = RollupSums.columns.map { "sum((\($0.sql))::numeric)" }.joined(separator: ", ")
        let range: SQL = """
            booking_month = \(month) AND day > COALESCE(\(first), '-infinity'::date)
            AND day <= COALESCE(\(last), 'infinity'::date)
            """
        result.checked += Int(
            try transaction.query("SELECT count(*) FROM rollup WHERE \(sql: range)")[0].decode(Int64.self, at: 0))
        let rows = try transaction.query(
            """
            WITH summed AS (
                SELECT booking_month, day, team, COALESCE(feature, '') AS feature, provider, model, service_tier, status,
                    '' AS tag_1, '' AS tag_2, '' AS tag_3, '' AS tag_4, \(unescaped: sums)
                FROM ledger l WHERE \(sql: range) GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
            ), kept AS (SELECT \(unescaped: keys), \(unescaped: names) FROM rollup WHERE \(sql: range))
            SELECT 'the sums of ' || team || ' on ' || day || ' for ' || model || ' are not the ledger''s'
            FROM ((TABLE summed EXCEPT TABLE kept) UNION ALL (TABLE kept EXCEPT TABLE summed)) d
            LIMIT \(IntegrityCheck.limit)
            """)
        for row in rows { result.note(try row.decode(String.self, at: 0)) }
    }

    mutating func noteDetached(_ detached: DetachedMonths) {
        if !detached.months.isEmpty {
            result.gaps.append("the sums of months that are not attached: \(detached.text)")
        }
    }
}
