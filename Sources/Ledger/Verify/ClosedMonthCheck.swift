import Accounting
import Postgres

/// Compares closed months with their statements: the canonical export, read again, the daily sums, and what was kept of the
/// close.
struct ClosedMonthCheck {
    private(set) var result = IntegrityCheck("every closed month is what its statement says")

    private struct Closed {
        let month: CalendarMonth
        let version: Int64
        let entries: Int64
        let sha256: String
        let total: Int128
        /// Whether the reports and the names of teams are those that were kept.
        let isKept: Bool
    }

    /// - Parameter readsEntries: whether the export is read again, too, rather than the sums alone.
    mutating func check(readsEntries: Bool, _ detached: DetachedMonths, _ connection: Connection) throws {
        for closed in try Self.closed(connection) {
            result.checked += 1
            try checkSums(closed, connection)
            if !closed.isKept {
                result.note(
                    "the reports of \(closed.month), or the names of its teams, are not those it was closed with")
            }
            guard readsEntries else { continue }
            if detached.months.contains(closed.month) {
                result.gaps.append("the entries of \(closed.month), which is not attached")
                continue
            }
            do {
                try checkEntries(closed, connection)
            } catch StoreFailure.monthOpen {
                // Reopened while it was read: its next close says what it is then.
                continue
            }
        }
    }

    private mutating func checkEntries(_ closed: Closed, _ connection: Connection) throws {
        let found = try MonthExport.digest(closed.month, version: closed.version, connection)
        if found.entries != closed.entries {
            result.note("\(closed.month) was closed with \(closed.entries) entries and has \(found.entries)")
        } else if found.sha256 != closed.sha256 {
            result.note(
                "the entries of \(closed.month) are not those it was closed with: their SHA-256 is \(found.sha256), not \(closed.sha256)"
            )
        }
    }

    private mutating func checkSums(_ closed: Closed, _ connection: Connection) throws {
        let (entries, total) = try connection.query(
            """
            SELECT COALESCE(sum(entries), 0)::bigint, COALESCE(sum(effective_cost_nanodollars), 0)::numeric FROM rollup
            WHERE booking_month = \(closed.month.firstDay)
            """)[0].decode((Int64, Int128).self)
        if total != closed.total || entries != closed.entries {
            func text(_ entries: Int64, _ total: Int128) -> String {
                "\(entries) entries for \(FixedPoint.text(total, places: Money.places)) USD"
            }
            result.note(
                """
                the daily sums of \(closed.month) come to \(text(entries, total)); it was closed with \
                \(text(closed.entries, closed.total))
                """)
        }
    }

    private static func closed(_ connection: Connection) throws -> [Closed] {
        try connection.query(
            """
            SELECT m.month, c.version, (c.statement ->> 'entries')::bigint, c.statement ->> 'sha256',
                (c.statement ->> 'total_nanodollars')::numeric,
                c.statement ->> 'kept_sha256' IS NOT DISTINCT FROM month_kept_sha256(c.month, c.version)
            FROM month m JOIN month_close c USING (month)
            WHERE m.state = 'closed' AND c.statement IS NOT NULL
                AND NOT EXISTS (SELECT FROM month_reopening r WHERE r.month = c.month AND r.version = c.version)
            ORDER BY 1
            """
        ).map { row in
            let (day, version, entries, sha256, total, isKept) = try row.decode(
                (CalendarDay, Int64, Int64, String, Int128, Bool).self)
            return Closed(
                month: day.month, version: version, entries: entries, sha256: sha256, total: total, isKept: isKept)
        }
    }
}
