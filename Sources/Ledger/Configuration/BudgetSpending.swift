import Accounting
import Postgres

/// What budgets have spent in their current windows.
package enum BudgetSpending {
    /// What a budget has spent, as of one revision of its window's row. Within a revision it never shrinks.
    package struct Spent: Sendable {
        package let amount: Int64
        /// What replicas that have ended still lease, for calls that may be running.
        package let leasedByEnded: Int64
        /// The limit of the window, with all that was added to the budget's.
        package let limit: Int64
        /// What the limit has of the window before.
        package let carriedOver: Int64
        package let revision: Int64
        /// How many values have a window, of a budget with one each; the amounts are those of all together.
        package let values: Int64
        /// When the first of it no longer counts, in a rolling window.
        package let leavesAt: Timestamp?
    }

    /// By budget number, what the windows of budgets have spent at `now`. One that no call has needed yet has spent nothing.
    package static func current(
        of budgets: [Budget], at now: Timestamp, _ connection: Connection
    ) throws -> [Int64: Spent] {
        try spent(in: connection.query(statement(of: budgets, at: now)))
    }

    static func current(
        of budgets: [Budget], at now: Timestamp, _ transaction: borrowing Transaction
    ) throws -> [Int64: Spent] {
        try spent(in: transaction.query(statement(of: budgets, at: now)))
    }

    private static func statement(of budgets: [Budget], at now: Timestamp) -> SQL {
        let spans = budgets.map { $0.window(containing: now) }
        return """
            SELECT k.budget_number, LEAST(COALESCE(sum(w.spent - s.left), 0), \(Int64.max))::bigint,
                LEAST(COALESCE(sum((\(sql: WindowRows.leasedByEnded))), 0), \(Int64.max))::bigint,
                COALESCE(max(w.limit_amount), max(window_limit(b, k.starts_at, k.ends_at, 0))),
                LEAST(COALESCE(sum(carried_over(b, w.carried)), 0), \(Int64.max))::bigint,
                COALESCE(max(w.revision), 0), count(*) FILTER (WHERE w.value <> ''), min(s.leaves_at)
            FROM unnest(\(budgets.map(\.number)), \(spans.map(\.start)), \(spans.map(\.end)))
                AS k(budget_number, starts_at, ends_at)
            JOIN budget b USING (budget_number)
            LEFT JOIN window_total w ON w.budget_number = k.budget_number AND w.starts_at = k.starts_at
            LEFT JOIN LATERAL (
                SELECT COALESCE(sum(spent) FILTER (WHERE leaves_at <= clock_timestamp()), 0) AS left,
                    min(leaves_at) FILTER (WHERE leaves_at > clock_timestamp()) AS leaves_at
                FROM window_slot WHERE window_id = w.window_id) s ON true
            GROUP BY k.budget_number
            """
    }

    private static func spent(in rows: Rows) throws -> [Int64: Spent] {
        Dictionary(
            uniqueKeysWithValues: try rows.map {
                let (number, amount, leased, limit, carried, revision, values, leavesAt) = try $0.decode(
                    (Int64, Int64, Int64, Int64, Int64, Int64, Int64, Timestamp?).self)
                return (
                    number,
                    Spent(
                        amount: amount, leasedByEnded: leased, limit: limit, carriedOver: carried, revision: revision,
                        values: values, leavesAt: leavesAt)
                )
            })
    }
}
