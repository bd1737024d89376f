import Accounting
import Postgres

/// Opens the next windows of budgets ahead of time, so that the first calls after midnight find their rows.
///
/// Each replica then learns the windows that follow those in use there (`AdmissionEngine.noteNextWindows`), and no two
/// replicas wait for each other's rows.
enum NextWindows {
    static let minutesAhead: Int32 = 10
    private static let windowsAPortion: Int64 = 256

    /// Opens one portion. Only a window in which something has changed since it was opened has a next one, so an unused
    /// budget has no more windows than before.
    static func open(
        _ configuration: Configuration, minutesAhead: Int32 = minutesAhead, _ connection: Connection
    ) throws -> MaintenanceTask.Portion {
        try connection.transaction { transaction in
            let ending = try transaction.query(
                """
                SELECT w.budget_number, w.ends_at FROM budget_window w JOIN budget b USING (budget_number)
                WHERE w.ends_at > clock_timestamp()
                    AND w.ends_at <= clock_timestamp() + make_interval(mins => \(minutesAhead))
                    AND w.revision > 1 AND b.removed_at IS NULL
                    AND NOT EXISTS (SELECT 1 FROM budget_window n
                        WHERE n.budget_number = w.budget_number AND n.starts_at = w.ends_at)
                ORDER BY w.ends_at, w.window_id LIMIT \(windowsAPortion)
                """
            ).map { try $0.decode((Int64, Timestamp).self) }
            let next = Set(ending.compactMap { number, end in configuration.nextWindow(of: number, from: end) })
            let opened = try WindowRows.open(next, transaction)
            // A budget that cannot be read here is found again each time, and must not keep the task busy.
            return MaintenanceTask.Portion(
                rows: opened.count, hasMore: ending.count == Int(windowsAPortion) && opened.count == ending.count)
        }
    }
}
