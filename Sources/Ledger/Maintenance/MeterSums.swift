import Accounting
import Postgres

/// What calls have used of each meter by day, with the price and the agreement that each was rated by (table `meter_sum`).
///
/// An entry adds what it says. A correction adds what it says and takes out what was said before it, a reversal takes out
/// what stood last. So a sum is what holds now, booked where each change of it was booked.
package enum MeterSums {
    static let fold = EntryFold(fences: "meter_sum_fence", add: add)

    static let keyColumns = [
        "booking_month", "day", "team", "feature", "provider", "model", "service_tier", "region", "kind", "is_priced",
        "meter", "price_id", "agreed_price_id", "agreement_id",
    ]
    static let sumColumns = [
        "quantity", "billed_quantity", "list_cost_femtodollars", "effective_cost_femtodollars", "calls",
        "list_cost_nanodollars", "effective_cost_nanodollars",
    ]
    static let keys = SQL(unescaped: keyColumns.joined(separator: ", "))
    static let sums = SQL(unescaped: sumColumns.joined(separator: ", "))

    private static func add(after: Int64, upTo: Int64) -> SQL {
        let changes = sumColumns.map { "\($0) = meter_sum.\($0) + excluded.\($0)" }.joined(separator: ", ")
        return """
            INSERT INTO meter_sum (\(sql: keys), \(sql: sums))
            \(sql: summed(from: "ledger l WHERE l.entry_id > \(after) AND l.entry_id <= \(upTo)"))
            ORDER BY \(sql: keys)
            ON CONFLICT (\(sql: keys)) DO UPDATE SET \(unescaped: changes)
            """
    }

    /// The sums of one day of a booking month, with what is behind the fences.
    package static func rows(of day: CalendarDay, bookedIn month: CalendarMonth) -> SQL {
        """
        SELECT \(sql: keys), \(sql: sums) FROM meter_sum WHERE booking_month = \(month.firstDay) AND day = \(day)
        UNION ALL
        (\(sql: summed(from: behindFences + " WHERE l.booking_month = \(month.firstDay) AND l.day = \(day)")))
        """
    }

    /// Nearly all replicas have nothing behind their fence, and are not looked at.
    private static let behindFences: SQL = """
        (SELECT r.replica_id, GREATEST(f.entry_id, r.replica_id << 40) AS fence FROM replica r
            LEFT JOIN meter_sum_fence f USING (replica_id)
            WHERE EXISTS (SELECT FROM batch b
                WHERE b.replica_id = r.replica_id AND b.number > COALESCE(f.batch_number, 0))) f
        JOIN ledger l ON l.entry_id > f.fence AND l.entry_id < (f.replica_id + 1) << 40
        """
}
