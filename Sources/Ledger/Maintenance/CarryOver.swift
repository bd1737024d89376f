import Accounting
import Postgres

/// What windows that are over leave to the next ones, for budgets that carry it over.
///
/// It is a function of the window before alone, `left_over`, so it can be worked out as often as one likes: again when a
/// late charge or a lease that returns changes what was left. After some days it stands.
enum CarryOver {
    private static let days: Int32 = 7
    private static let windowsAPortion: Int64 = 500

    /// Gives one portion of the windows what the ones before have left, the oldest first: what a window inherits may be
    /// left to the next one again.
    static func make(_ connection: Connection) throws -> MaintenanceTask.Portion {
        let due = try connection.query(
            """
            SELECT n.budget_number FROM budget b
            JOIN window_total w ON w.budget_number = b.budget_number AND w.ends_at <= clock_timestamp()
                AND w.ends_at > clock_timestamp() - make_interval(days => \(days))
            JOIN budget_window n
                ON n.budget_number = w.budget_number AND n.starts_at = w.ends_at AND n.value = w.value
            WHERE b.carry_over <> 'none' AND b.removed_at IS NULL AND n.carried <> left_over(w)
            ORDER BY w.ends_at LIMIT \(windowsAPortion)
            """
        ).map { try $0.decode(Int64.self, at: 0) }
        for number in Set(due).sorted() { try make(number, connection) }
        return MaintenanceTask.Portion(rows: due.count, hasMore: !due.isEmpty)
    }

    private static func make(_ number: Int64, _ connection: Connection) throws {
        try connection.transaction { transaction in
            guard let budget = try BudgetStore.lock(number, transaction) else { return }
            let changes: SQL = """
                SELECT n.window_id, left_over(w) AS carried FROM window_total w
                JOIN budget_window n
                    ON n.budget_number = w.budget_number AND n.starts_at = w.ends_at AND n.value = w.value
                WHERE w.budget_number = \(number) AND w.ends_at <= clock_timestamp()
                    AND w.ends_at > clock_timestamp() - make_interval(days => \(days)) AND n.carried <> left_over(w)
                """
            let windowIDs = try transaction.query(changes).map { try $0.decode(Int64.self, at: 0) }
            try transaction.execute(WindowRows.lock(windowIDs.sorted()))
            // Windows that are over too: what late charges of the day before yesterday left is left by yesterday.
            try transaction.execute(
                "WITH change AS (" + changes
                    + """
                    )
                    UPDATE budget_window n SET carried = c.carried, revision = n.revision + 1,
                        limit_amount = CASE WHEN n.ends_at > clock_timestamp() THEN n.limit_amount
                            ELSE n.limit_amount + carried_over(b, c.carried) - carried_over(b, n.carried) END
                    FROM change c, budget b
                    WHERE n.window_id = c.window_id AND n.window_id = ANY(\(windowIDs))
                        AND b.budget_number = n.budget_number
                    """)
            _ = try BudgetStore.renewLimits(of: budget, transaction)
        }
    }
}
