import Accounting
import Postgres

/// Keeps what credits have paid of quiet days, so that a look at a credit works out the last days alone.
///
/// Daily sums of open months are paid in the order of booking month and day, so what is kept up to a day holds until
/// something before that day changes. Triggers note such changes (`credit_day_change`), whoever makes them.
package enum CreditDays {
    /// How old a day must be. The triggers note changes of days that are three days old; what is between is the time
    /// that a transaction may take, and more than time zones differ.
    private static let quietDays: Int32 = 4

    /// Keeps the next days, together about `sums` daily sums, and returns how many days. 0 means that there is no more
    /// to keep, or that another server is at it.
    ///
    /// All is read in one snapshot. A change that is not in it leaves its note, and is taken into account the next time.
    package static func keep(sums: Int = 50_000, _ connection: Connection) throws -> Int {
        do {
            return try connection.transaction(isolation: .repeatableRead) { try keep(sums, $0) }
        } catch let error as PostgresError where error.sqlState == SQLState.serializationFailure {
            return 0
        }
    }

    private static func keep(_ sums: Int, _ transaction: borrowing Transaction) throws -> Int {
        guard try !transaction.query("SELECT 1 FROM credit_day_mark FOR UPDATE SKIP LOCKED").isEmpty else { return 0 }
        try transaction.execute(
            """
            UPDATE credit_day_mark m SET booking_month = v.booking_month, pay_day = v.pay_day FROM credit_day_valid v
            WHERE (m.booking_month, m.pay_day) > (v.booking_month, v.pay_day)
            """)
        try transaction.execute("DELETE FROM credit_day_change")
        try transaction.execute(
            """
            DELETE FROM credit_day WHERE ctid = ANY(ARRAY(
                SELECT k.ctid FROM credit_day k JOIN month m ON m.month = k.booking_month
                WHERE m.state = 'closed' LIMIT \(Int64(sums))))
            """)
        let days = try nextDays(sums, transaction)
        guard let last = days.last else { return 0 }
        // Rows after the mark are left over from before it was moved back.
        try transaction.execute(
            """
            DELETE FROM credit_day k USING credit_day_mark m
            WHERE (k.booking_month, k.pay_day) > (m.booking_month, m.pay_day)
                AND (k.booking_month, k.pay_day) <= (\(last.bookingMonth), \(last.day))
            """)
        try transaction.execute(
            """
            INSERT INTO credit_day (booking_month, pay_day, team, credit_id, drawn_nanodollars)
            SELECT p.booking_month, greatest(p.day, p.booking_month - 1), p.team, p.credit_id,
                sum(p.drawn_nanodollars)::bigint
            FROM credit_day_mark m,
                credits_pay(m.booking_month, m.pay_day, \(last.bookingMonth), \(last.day)) p
            GROUP BY 1, 2, 3, 4
            """)
        try transaction.execute(
            "UPDATE credit_day_mark SET booking_month = \(last.bookingMonth), pay_day = \(last.day)")
        return days.count
    }

    private struct PayDay: Equatable {
        let bookingMonth: CalendarDay
        let day: CalendarDay
    }

    /// The next pay days of one booking month that are quiet, as many as have `sums` daily sums together, but at least
    /// one. Empty if there are none.
    private static func nextDays(_ sums: Int, _ transaction: borrowing Transaction) throws -> [PayDay] {
        let months = try transaction.query(
            """
            SELECT m.month FROM month m, credit_day_mark k
            WHERE m.state = 'open' AND m.month >= k.booking_month AND m.month <= current_date
                AND EXISTS (SELECT FROM credit)
            ORDER BY m.month
            """)
        for month in months {
            let days = try nextDays(sums, in: month.decode(CalendarDay.self, at: 0), transaction)
            if !days.isEmpty { return days }
        }
        return []
    }

    private static func nextDays(
        _ sums: Int, in month: CalendarDay, _ transaction: borrowing Transaction
    ) throws -> [PayDay] {
        // In the order of the primary key, so that it ends after so many rows, however many follow.
        let rows = try transaction.query(
            """
            SELECT pay_day, count(*) FROM (
                SELECT greatest(day, booking_month - 1) AS pay_day FROM rollup
                WHERE booking_month = \(month) AND day < current_date - \(quietDays)
                    AND day > (
                        SELECT CASE WHEN booking_month = \(month) THEN pay_day ELSE '-infinity' END FROM credit_day_mark)
                ORDER BY booking_month, day LIMIT \(Int64(sums) + 1)
            ) s GROUP BY 1 ORDER BY 1
            """
        ).map { try $0.decode((CalendarDay, Int64).self) }
        var days = rows.map { PayDay(bookingMonth: month, day: $0.0) }
        // The last one may have more sums than were read.
        if days.count > 1, rows.reduce(0, { $0 + $1.1 }) > sums { days.removeLast() }
        return days
    }
}
