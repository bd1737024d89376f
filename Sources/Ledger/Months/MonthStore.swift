import Accounting
import Postgres

/// Opens closed months again, and locks them for good.
package enum MonthStore {
    /// Opens the last closed month. Returns the new configuration version.
    package static func reopen(
        _ month: CalendarMonth, by author: String, reason: String, _ connection: Connection
    ) throws -> Int64 {
        try connection.transaction { transaction in
            try requireClosed(month, transaction)
            let (last, locked) = try transaction.query(
                "SELECT (SELECT max(month) FROM month WHERE state = 'closed'), hard_lock_month FROM deployment")[0]
                .decode((CalendarDay, CalendarDay?).self)
            guard last.month == month else {
                throw StoreFailure.monthLocked("Only the last closed month can be reopened, which is \(last.month).")
            }
            if let locked, month <= locked.month {
                throw StoreFailure.monthLocked("\(month) is locked for good: months up to \(locked.month) are.")
            }
            try transaction.execute(
                """
                INSERT INTO month_reopening (month, version, reopened_by, reason)
                SELECT month, max(version), \(author), \(reason) FROM month_close WHERE month = \(month.firstDay)
                GROUP BY month
                """)
            // Last, as in a close, so that neither waits for the other.
            return try ConfigurationStore.bump(transaction)
        }
    }

    /// Locks all months up to a closed one for good. To lock them again changes nothing.
    package static func lock(through month: CalendarMonth, _ connection: Connection) throws {
        try connection.transaction { transaction in
            try requireClosed(month, transaction)
            let locked = try transaction.query("SELECT hard_lock_month FROM deployment FOR NO KEY UPDATE")[0]
                .decode(CalendarDay?.self, at: 0)
            if let locked, month < locked.month {
                throw StoreFailure.monthLocked("The lock moves only forward: months up to \(locked.month) are locked.")
            }
            try transaction.execute("UPDATE deployment SET hard_lock_month = \(month.firstDay)")
        }
    }

    private static func requireClosed(_ month: CalendarMonth, _ transaction: borrowing Transaction) throws {
        let state = try transaction.query("SELECT state FROM month WHERE month = \(month.firstDay) FOR UPDATE").first?
            .decode(String.self, at: 0)
        guard let state else { throw StoreFailure.notFound("The ledger has no \(month).") }
        guard state == "closed" else { throw StoreFailure.monthOpen(month) }
    }
}
