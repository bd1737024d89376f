import Accounting
import Postgres

/// What a new budget's first window had spent before the budget existed.
///
/// The amount is computed twice: when the budget is created, so that money already spent is not granted, and again once
/// every replica counts the budget, because calls committed in between do not name its window.
package enum BudgetOpening {
    /// Sets the first window's `spent` to the total of all its calls. The part from calls that do not name the window
    /// is its `opening_spent`.
    ///
    /// `models` are the models that the scope's model name means.
    static func refresh(_ budget: Budget, models: [ModelName]?, _ transaction: borrowing Transaction) throws {
        let span = budget.window(containing: budget.createdAt)
        let rows = try transaction.query(
            """
            SELECT window_id, spent - opening_spent FROM budget_window
            WHERE budget_number = \(budget.number) AND starts_at = \(span.start) FOR NO KEY UPDATE
            """)
        guard let row = rows.first else { return }
        let (window, charged) = try row.decode((Int64, Int64).self)
        // Writers change window rows before they commit. So while this row is locked, no writer that charges the window
        // can commit.
        let total = try total(of: budget, models, span, transaction)
        let limit: Int64 = try transaction.query(
            """
            UPDATE budget_window SET spent = \(total), opening_spent = \(total - charged), revision = revision + 1
            WHERE window_id = \(window) RETURNING limit_amount
            """)[0].decode(at: 0)
        let crossings = budget.alertAt.filter { $0.isReached(by: total, of: limit) }.map {
            AlertOutbox.Crossing(
                budgetNumber: budget.number, windowID: window, threshold: $0, spent: total, limit: limit)
        }
        _ = try AlertOutbox.write(crossings, transaction)
    }

    package static func refresh(_ budget: Budget, models: [ModelName]?, _ connection: Connection) throws {
        try connection.transaction { try refresh(budget, models: models, $0) }
    }

    /// The total of all calls in a budget's scope and in one window, in the budget's unit.
    static func total(
        of budget: Budget, _ models: [ModelName]?, _ span: WindowSpan, _ transaction: borrowing Transaction
    ) throws -> Int64 {
        let scope = budget.scope
        let amount =
            switch budget.unit {
            case .usd: "COALESCE(l.effective_cost_nanodollars, 0)"
            case .tokens: "l.input_tokens::numeric + l.output_tokens"
            case .calls: "CASE WHEN l.kind = 'usage' THEN 1 ELSE 0 END"
            }
        // The day limits the scan. It is in the accounting time zone, so the scan begins one day early.
        let firstDay = CalendarDay(daysSince1970: span.start.day.daysSince1970 - 1)
        let total: Int128 = try transaction.query(
            """
            SELECT COALESCE(sum(\(unescaped: amount)), 0) FROM ledger l LEFT JOIN person p USING (user_id)
            WHERE l.day >= \(firstDay) AND l.occurred_at >= \(span.start)
                AND (\(span.end)::timestamptz IS NULL OR l.occurred_at < \(span.end))
                AND (\(scope.team)::text IS NULL OR l.team = \(scope.team))
                AND (\(scope.feature)::text IS NULL OR l.feature = \(scope.feature))
                AND (\(scope.user)::text IS NULL OR p.name = \(scope.user))
                AND (\(scope.run)::text IS NULL OR l.run = \(scope.run))
                AND (\(scope.provider)::text IS NULL OR l.provider = \(scope.provider))
                AND (\(models == nil) OR (l.provider, l.model) IN (
                    SELECT * FROM unnest(\(models?.map(\.provider) ?? []), \(models?.map(\.model) ?? []))))
                AND jsonb_object(l.tag_keys, l.tag_values)
                    @> jsonb_object(\(scope.tags.map(\.key)), \(scope.tags.map(\.value)))
            """)[0].decode(at: 0)
        guard let total = Int64(exactly: total) else {
            throw StoreFailure.invalid(
                pointer: "/scope", detail: "has spent more in this window than a budget can count")
        }
        return total
    }
}
