import Accounting
import Postgres

/// What a new budget's first window had spent before the budget existed: the calls in its scope that do not name the
/// window.
///
/// It is summed twice, never under a lock. `estimate` sums it before the budget is made, so that money already spent is
/// not granted. `finish` sums it for good once every replica counts the budget: from then on each call names the window,
/// so what does not name it no longer grows.
package enum BudgetOpening {
    /// The first window of a budget that is to be made, and what its calls have spent so far.
    struct Estimate {
        let span: WindowSpan
        let spent: Int64
    }

    /// `models` are the models that the scope's model name means.
    static func estimate(_ draft: BudgetDraft, models: [ModelName]?, _ connection: Connection) throws -> Estimate {
        let span = draft.period.window(containing: SystemClock.wallTime(), in: draft.zone)
        let total = ScopeTotal(scope: draft.scope, unit: draft.unit, models: models, span: span)
        let spent = try connection.transaction(isolation: .repeatableRead, readOnly: true) { try total.amount($0) }
        return Estimate(span: span, spent: spent)
    }

    /// Sets the opening of a budget for good, if every live replica has the budget. Does nothing if it is done already.
    package static func finish(_ number: Int64, in configuration: Configuration, _ connection: Connection) throws {
        guard let budget = configuration.scopes.budget(number), budget.whyUnreadable == nil,
            try due(connection).contains(number)
        else { return }
        let models = configuration.scopes.model(of: number).map(configuration.prices.models(meantBy:))
        try finish(budget, models: models, connection)
    }

    private static func finish(_ budget: Budget, models: [ModelName]?, _ connection: Connection) throws {
        let found = try connection.transaction(isolation: .repeatableRead, readOnly: true) {
            transaction -> (window: Int64, opening: Int64)? in
            let rows = try transaction.query(
                """
                SELECT window_id, starts_at, ends_at, spent - opening_spent FROM window_total
                WHERE budget_number = \(budget.number) AND opening_due_version IS NOT NULL
                """)
            guard let row = rows.first else { return nil }
            let (window, start, end, charged) = try row.decode((Int64, Timestamp, Timestamp?, Int64).self)
            let total = ScopeTotal(
                scope: budget.scope, unit: budget.unit, models: models, span: WindowSpan(start: start, end: end))
            return (window, try total.amount(transaction).subtractingReportingOverflow(charged).partialValue)
        }
        guard let found else { return }
        try connection.transaction { transaction in
            let rows = try transaction.query(
                """
                UPDATE budget_window SET spent = spent - opening_spent + \(found.opening),
                    opening_spent = \(found.opening), opening_due_version = NULL, revision = revision + 1
                WHERE window_id = \(found.window) AND opening_due_version IS NOT NULL
                RETURNING spent, limit_amount
                """)
            guard let row = rows.first else { return }
            let (spent, limit) = try row.decode((Int64, Int64).self)
            let crossings = budget.alertAt.filter { $0.isReached(by: spent, of: limit) }.map {
                AlertOutbox.Crossing(
                    budgetNumber: budget.number, windowID: found.window, threshold: $0, spent: spent, limit: limit)
            }
            _ = try AlertOutbox.write(crossings, transaction)
        }
    }

    /// The budgets whose opening is still to be summed for good and that every live replica has.
    static func due(_ connection: Connection) throws -> [Int64] {
        try connection.query(
            """
            SELECT w.budget_number FROM budget_window w JOIN budget b USING (budget_number)
            WHERE w.opening_due_version IS NOT NULL AND b.removed_at IS NULL
                AND w.opening_due_version <= \(try ConfigurationStore.leastVersion(connection))
            ORDER BY w.window_id LIMIT 20
            """
        ).map { try $0.decode(Int64.self, at: 0) }
    }
}
