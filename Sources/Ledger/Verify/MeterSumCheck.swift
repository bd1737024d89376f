import Accounting
import Postgres

/// Compares the sums of meters with the entries that they sum and the prices that these name, a day at a time, each in a
/// snapshot of its own.
struct MeterSumCheck {
    private(set) var result = IntegrityCheck("every sum of a meter is that of its entries, at their prices")

    /// Checks the sums of the days after `first` (nil: from the beginning) up to `last` (nil: to the end) that are
    /// booked in `month`. What maintenance has not added yet is left out.
    mutating func check(
        _ month: CalendarDay, after first: CalendarDay?, to last: CalendarDay?, _ transaction: borrowing Transaction
    ) throws {
        let range: SQL = """
            booking_month = \(month) AND day > COALESCE(\(first), '-infinity'::date)
            AND day <= COALESCE(\(last), 'infinity'::date)
            """
        result.checked += Int(
            try transaction.query("SELECT count(*) FROM meter_sum WHERE \(sql: range)")[0].decode(Int64.self, at: 0))
        let summed = MeterSums.summed(from: "ledger l WHERE \(sql: range) AND \(sql: MeterSums.isSummed)")
        let rows = try transaction.query(
            """
            WITH summed AS (\(sql: summed)),
            kept AS (SELECT \(sql: MeterSums.keys), \(sql: MeterSums.sums) FROM meter_sum WHERE \(sql: range))
            SELECT DISTINCT 'the sums of meters of ' || team || ' on ' || day || ' for ' || model
                || ' are not the ledger''s'
            FROM ((TABLE summed EXCEPT TABLE kept) UNION ALL (TABLE kept EXCEPT TABLE summed)) d
            LIMIT \(IntegrityCheck.limit)
            """)
        for row in rows { result.note(try row.decode(String.self, at: 0)) }
    }

    mutating func noteDetached(_ detached: DetachedMonths) {
        if !detached.months.isEmpty {
            result.gaps.append("the sums of meters of months that are not attached: \(detached.text)")
        }
    }
}
