import Accounting
import Postgres

/// The window of one value of a budget.
package struct BudgetWindow: Sendable {
    package let windowID: Int64
    package let value: WindowValue
    /// In the budget's unit, like what follows.
    package let limit: Int64
    package let spent: Int64
    /// What its limit has of the window before.
    package let carriedOver: Int64
    /// What replicas that have ended still lease, for calls that may be running.
    package let leasedByEnded: Int64

    package init(
        windowID: Int64, value: WindowValue, limit: Int64, spent: Int64, carriedOver: Int64, leasedByEnded: Int64
    ) {
        self.windowID = windowID
        self.value = value
        self.limit = limit
        self.spent = spent
        self.carriedOver = carriedOver
        self.leasedByEnded = leasedByEnded
    }
}

/// The windows at one time of a budget that has one for each value.
package enum BudgetWindows {
    package enum Order: String, Sendable, CaseIterable {
        /// The most spent first.
        case spent
        /// What is nearest to its limit first.
        case remaining
        case value

        fileprivate var sql: SQL {
            switch self {
            case .spent: "w.spent DESC, w.value"
            case .remaining: "w.limit_amount::numeric - w.spent, w.value"
            case .value: "w.value"
            }
        }
    }

    package struct Page: Sendable {
        package let windows: [BudgetWindow]
        /// How many values there are in all.
        package let count: Int64
    }

    package static let maximumCount = 10_000

    /// The first windows in an order.
    ///
    /// - Parameter team: only the windows of this team, if teams have windows of their own.
    package static func list(
        _ budget: Budget, at now: Timestamp, order: Order, most: Int, ofTeam team: String?, _ connection: Connection
    ) throws -> Page {
        let start = budget.window(containing: now).start
        let isOfTeam: SQL =
            if let team, budget.scope.eachNames.count == 1 {
                " AND w.value = \(WindowValue([team]).text)"
            } else if let team {
                " AND w.value::json ->> 0 = \(team)"
            } else {
                ""
            }
        let selection: SQL = "w.budget_number = \(budget.number) AND w.starts_at = \(start) AND w.value <> ''"
        let windows = try connection.query(
            columns + " WHERE " + selection + isOfTeam + " ORDER BY " + order.sql + " LIMIT \(Int64(most))"
        ).map(window)
        let count: Int64 = try connection.query(
            "SELECT count(*) FROM budget_window w WHERE " + selection + isOfTeam)[0].decode(at: 0)
        return Page(windows: windows, count: count)
    }

    /// The window of a value. One that no call has needed yet has spent nothing.
    package static func find(
        _ value: WindowValue, of budget: Budget, at now: Timestamp, _ connection: Connection
    ) throws -> BudgetWindow? {
        let span = budget.window(containing: now)
        let known = try connection.query(
            columns
                + """
                 WHERE w.budget_number = \(budget.number) AND w.starts_at = \(span.start) AND w.value = \(value.text)
                """
        ).first.map(window)
        if let known { return known }
        return try connection.query(
            """
            SELECT window_limit(b, \(span.start), \(span.end), 0) FROM budget b WHERE budget_number = \(budget.number)
            """
        ).first.map {
            BudgetWindow(
                windowID: 0, value: value, limit: try $0.decode(at: 0), spent: 0, carriedOver: 0, leasedByEnded: 0)
        }
    }

    private static let columns: SQL = """
        SELECT w.window_id, w.value, w.limit_amount, w.spent, carried_over(b, w.carried),
            (\(sql: WindowRows.leasedByEnded))
        FROM window_total w JOIN budget b USING (budget_number)
        """

    private static func window(_ row: Row) throws -> BudgetWindow {
        let (id, value, limit, spent, carried, leased) = try row.decode(
            (Int64, String, Int64, Int64, Int64, Int64).self)
        return BudgetWindow(
            windowID: id, value: WindowValue(text: value) ?? .none, limit: limit, spent: spent, carriedOver: carried,
            leasedByEnded: leased)
    }
}
