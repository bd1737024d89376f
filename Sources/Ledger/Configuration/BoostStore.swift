import Accounting
import Postgres

/// The boosts of budgets.
///
/// A boost that begins or ends is a change of the configuration with the new limits of the windows, as a change of the
/// budget's limit is. The budget itself stays what it is.
package enum BoostStore {
    /// The result of a change.
    package struct Stored: Sendable {
        package let boost: Boost
        /// The configuration version that has the change; nil if the boost changes nothing yet, or any more.
        package let configurationVersion: Int64?
    }

    /// All boosts that a budget has had, the newest first.
    package static func list(_ budget: Budget, _ connection: Connection) throws -> [Boost] {
        try connection.query(
            """
            SELECT \(unescaped: Boost.columns) FROM budget_boost WHERE budget_number = \(budget.number)
            ORDER BY boost_id DESC
            """
        ).map(Boost.init)
    }

    package static func add(
        _ draft: BoostDraft, to budget: Budget, by author: BudgetStore.Author, _ connection: Connection
    ) throws -> Stored {
        try connection.transaction { transaction in
            let budget = try BudgetStore.lock(budget, transaction)
            try author.requireMayChange(budget.owner, budget.id)
            return try add(draft, to: budget, by: author.name, transaction)
        }
    }

    /// Adds a boost to a budget that this transaction has locked.
    static func add(
        _ draft: BoostDraft, to budget: Budget, by name: String, _ transaction: borrowing Transaction
    ) throws -> Stored {
        let now: Timestamp = try transaction.query("SELECT clock_timestamp()")[0].decode(at: 0)
        let startsAt = max(draft.startsAt ?? now, now)
        guard draft.endsAt > startsAt else {
            throw StoreFailure.invalid(pointer: "/until", detail: "is over already")
        }
        let isActive = startsAt == now
        let boost = try Boost(
            transaction.query(
                """
                INSERT INTO budget_boost (budget_number, amount, starts_at, ends_at, state, reason, made_by)
                VALUES (\(budget.number), \(draft.amount), \(startsAt), \(draft.endsAt),
                    \((isActive ? Boost.State.active : .planned).rawValue), \(draft.reason), \(name))
                RETURNING \(unescaped: Boost.columns)
                """)[0])
        return Stored(
            boost: boost,
            configurationVersion: isActive ? try BudgetStore.renewLimits(of: budget, transaction) : nil)
    }

    /// Ends a boost before its time. One that is over stays as it is.
    package static func withdraw(
        _ number: Int64, of budget: Budget, by author: BudgetStore.Author, _ connection: Connection
    ) throws -> Stored {
        try connection.transaction { transaction in
            let budget = try BudgetStore.lock(budget, transaction)
            let known = try transaction.query(
                """
                SELECT \(unescaped: Boost.columns) FROM budget_boost
                WHERE budget_number = \(budget.number) AND boost_id = \(number)
                """
            ).first.map(Boost.init)
            guard let known else { throw StoreFailure.notFound("\(budget.id) has no boost \(number).") }
            try author.requireMayChange(budget.owner, budget.id)
            guard known.state == .planned || known.state == .active else {
                return Stored(boost: known, configurationVersion: nil)
            }
            let boost = try Boost(
                transaction.query(
                    """
                    UPDATE budget_boost SET state = 'withdrawn', withdrawn_by = \(author.name), withdrawn_at = now()
                    WHERE boost_id = \(number) RETURNING \(unescaped: Boost.columns)
                    """)[0])
            return Stored(
                boost: boost,
                configurationVersion: known.state == .active
                    ? try BudgetStore.renewLimits(of: budget, transaction) : nil)
        }
    }

    /// Ends what is left of a budget's boosts, because it is removed.
    static func end(of budgetNumber: Int64, _ transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            UPDATE budget_boost SET state = 'ended' WHERE budget_number = \(budgetNumber) AND due_at IS NOT NULL
            """)
    }

    /// Begins and ends the boosts of a budget whose time has come.
    static func pass(_ budget: Budget, _ transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            UPDATE budget_boost SET state = CASE WHEN ends_at <= clock_timestamp() THEN 'ended' ELSE 'active' END
            WHERE budget_number = \(budget.number) AND due_at <= clock_timestamp()
            """)
        _ = try BudgetStore.renewLimits(of: budget, transaction)
    }

    /// Some budgets with boosts that are to begin or to end.
    static func due(_ connection: Connection) throws -> [Int64] {
        try connection.query(
            """
            SELECT budget_number FROM (
                SELECT budget_number, due_at FROM budget_boost WHERE due_at <= clock_timestamp()
                ORDER BY due_at LIMIT \(budgetsAPortion)) d
            GROUP BY 1 ORDER BY min(due_at)
            """
        ).map { try $0.decode(at: 0) }
    }

    static let budgetsAPortion: Int64 = 100
}
