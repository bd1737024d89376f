import Accounting
import Postgres

/// Where a team, or all teams, stand: what the budgets have spent, what the month has gone for, and how today's calls were
/// answered.
///
/// All of it is of one snapshot, and comes from sums: what it takes grows with names and days, not with calls.
package struct SpendingStatus: Sendable {
    /// How many calls of today got one answer for one reason.
    package struct Answered: Sendable {
        package let verdict: Verdict.Kind
        /// Nil for admitted calls. Later versions may know others.
        package let reason: String?
        package let calls: Int64
    }

    /// By budget number.
    package let budgets: [Int64: BudgetSpending.Spent]
    package let calls: Int64
    package let cost: Int128?
    package let features: [Spender]
    package let models: [Spender]
    /// Nil where they are too many to be added up while somebody waits.
    package let users: [Spender]?
    package let answered: [Answered]

    /// How many of each are told, those that cost most.
    package static let mostSpenders: Int64 = 5

    /// - Parameters:
    ///   - today: in the accounting time zone, in which months begin.
    ///   - team: nil for all teams.
    package static func read(
        budgets: [Budget], team: String?, at now: Timestamp, today: CalendarDay, in zone: Zone,
        _ connection: Connection
    ) throws -> SpendingStatus {
        try connection.transaction(isolation: .repeatableRead, readOnly: true) { transaction in
            let month = today.month
            let total = try transaction.query(
                "SELECT COALESCE(sum(calls), 0)::bigint, sum(effective_cost_nanodollars)::numeric "
                    + costs(of: team, in: month))[0].decode((Int64, Int128?).self)
            return SpendingStatus(
                budgets: try BudgetSpending.current(of: budgets, at: now, transaction),
                calls: total.0, cost: total.1,
                features: try spenders("feature", "''", of: team, in: month, transaction),
                models: try spenders("model", "provider", of: team, in: month, transaction),
                users: try UserSpending(team: team, start: zone.start(of: month.firstDay)).top(transaction),
                answered: try answered(today, team, transaction))
        }
    }

    private static func costs(of team: String?, in month: CalendarMonth) -> SQL {
        "FROM daily_cost WHERE booking_month = \(month.firstDay)" + calls(of: team)
    }

    /// A condition of its own for one team: with one for both cases no index by team would be used.
    static func calls(of team: String?) -> SQL {
        guard let team else { return "" }
        return " AND team = \(team)"
    }

    private static func spenders(
        _ name: String, _ provider: String, of team: String?, in month: CalendarMonth,
        _ transaction: borrowing Transaction
    ) throws -> [Spender] {
        let columns: SQL =
            "SELECT \(unescaped: name) AS name, \(unescaped: provider) AS provider, sum(calls)::bigint AS calls, "
        let statement =
            columns + "sum(effective_cost_nanodollars)::numeric AS cost " + costs(of: team, in: month)
            + " GROUP BY 1, 2 ORDER BY 4 DESC NULLS LAST, 3 DESC, 1, 2 LIMIT \(mostSpenders)"
        return try transaction.query(statement).map { try Spender($0) }
    }

    private static func answered(
        _ day: CalendarDay, _ team: String?, _ transaction: borrowing Transaction
    ) throws -> [Answered] {
        let statement =
            "SELECT verdict, reason, sum(calls)::bigint FROM verdict_count WHERE day = \(day)" + calls(of: team)
            + " GROUP BY verdict, reason HAVING sum(calls) > 0 ORDER BY 3 DESC, verdict, reason"
        return try transaction.query(statement).compactMap { row in
            let (verdict, reason, calls) = try row.decode((String, String, Int64).self)
            return Verdict.Kind(rawValue: verdict).map {
                Answered(verdict: $0, reason: reason.isEmpty ? nil : reason, calls: calls)
            }
        }
    }
}
