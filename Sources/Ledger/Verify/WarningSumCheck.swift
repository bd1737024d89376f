import Accounting
import Postgres

/// Compares the counts of warnings, which a trigger keeps, with the notes that entries were booked with: a month at a time,
/// each in a snapshot of its own.
struct WarningSumCheck {
    private(set) var result = IntegrityCheck("every count of warnings is that of the entries")

    mutating func check(_ month: CalendarDay, _ transaction: borrowing Transaction) throws {
        result.checked += Int(
            try transaction.query("SELECT count(*) FROM usage_warning_sum WHERE booking_month = \(month)")[0]
                .decode(Int64.self, at: 0))
        // The month is missing in notes that servers of an earlier version wrote.
        let rows = try transaction.query(
            """
            WITH counted AS (
                SELECT l.entry_id >> 40 AS replica_id, w.code, l.team, l.provider, l.model, count(*) AS calls
                FROM ledger l JOIN entry_note n USING (entry_id)
                CROSS JOIN LATERAL (
                    SELECT DISTINCT warning ->> 'code' AS code FROM jsonb_array_elements(n.warnings) AS a(warning)) w
                WHERE l.booking_month = \(month) AND COALESCE(n.booking_month, \(month)) = \(month)
                GROUP BY 1, 2, 3, 4, 5
            ), kept AS (
                SELECT replica_id, code, team, provider, model, calls FROM usage_warning_sum
                WHERE booking_month = \(month)
            )
            SELECT DISTINCT 'the count of ' || code || ' of ' || team || ' for ' || model || ' is not the ledger''s'
            FROM ((TABLE counted EXCEPT TABLE kept) UNION ALL (TABLE kept EXCEPT TABLE counted)) d
            LIMIT \(IntegrityCheck.limit)
            """)
        for row in rows { result.note(try row.decode(String.self, at: 0)) }
    }

    mutating func noteDetached(_ detached: DetachedMonths) {
        if !detached.months.isEmpty {
            result.gaps.append("the counts of months that are not attached: \(detached.text)")
        }
    }
}
