import Accounting
import Postgres

/// What the first windows of a new budget had spent before the budget existed: the calls in its scope that do not name the
/// windows.
///
/// It is summed twice, never under a lock. `estimate` sums it before the budget is made, so that money already spent is
/// not granted. `finish` sums it for good once every replica counts the budget: from then on each call names its window,
/// so what does not name it no longer grows.
///
/// A budget with windows for each value has one without a value besides, which no call charges. It says that the sum is
/// due: values may come that the estimate did not know.
package enum BudgetOpening {
    /// The first windows of a budget that is to be made, and what their calls have spent so far.
    struct Estimate {
        let span: WindowSpan
        let spent: [WindowValue: Int64]
    }

    static func estimate(_ draft: BudgetDraft, _ prices: PriceBook, _ connection: Connection) throws -> Estimate {
        let span = draft.period.window(containing: SystemClock.wallTime(), in: draft.zone)
        let total = ScopeTotal(scope: draft.scope, unit: draft.unit, prices: prices, span: span)
        let spent = try connection.transaction(isolation: .repeatableRead, readOnly: true) { try total.amounts($0) }
        return Estimate(span: span, spent: spent)
    }

    /// Opens the first windows of a new budget.
    static func open(
        _ budget: Budget, _ opening: Estimate, dueVersion: Int64, _ transaction: borrowing Transaction
    ) throws {
        let spent = opening.spent.merging([.none: 0]) { known, _ in known }.map { (value: $0.text, amount: $1) }
        let windows = try transaction.query(
            """
            INSERT INTO budget_window (budget_number, starts_at, ends_at, value, limit_amount, spent, opening_spent,
                opening_due_version)
            SELECT b.budget_number, \(opening.span.start), \(opening.span.end), k.value,
                first_limit(b, \(opening.span.start)), k.spent, k.spent, CASE WHEN k.value = '' THEN \(dueVersion) END
            FROM budget b, unnest(\(spent.map(\.value)), \(spent.map(\.amount))) AS k(value, spent)
            WHERE b.budget_number = \(budget.number)
            RETURNING window_id, spent, limit_amount
            """
        ).map { try $0.decode((Int64, Int64, Int64).self) }
        try tell(budget, windows, transaction)
    }

    /// Sets the opening of a budget for good, if every live replica has the budget. Does nothing if it is done already.
    package static func finish(_ number: Int64, in configuration: Configuration, _ connection: Connection) throws {
        guard let budget = configuration.scopes.budget(number), budget.whyUnreadable == nil,
            try due(connection).contains(number)
        else { return }
        try finish(budget, configuration.prices, connection)
    }

    private static func finish(_ budget: Budget, _ prices: PriceBook, _ connection: Connection) throws {
        let found = try connection.transaction(isolation: .repeatableRead, readOnly: true) {
            transaction -> (span: WindowSpan, openings: [WindowValue: Int64])? in
            let rows = try transaction.query(
                """
                SELECT starts_at, ends_at FROM budget_window
                WHERE budget_number = \(budget.number) AND opening_due_version IS NOT NULL
                """)
            guard let row = rows.first else { return nil }
            let (start, end) = try row.decode((Timestamp, Timestamp?).self)
            let span = WindowSpan(start: start, end: end)
            let total = ScopeTotal(scope: budget.scope, unit: budget.unit, prices: prices, span: span)
            var openings = try total.amounts(transaction)
            for row in try transaction.query(
                """
                SELECT value, spent - opening_spent FROM window_total
                WHERE budget_number = \(budget.number) AND starts_at = \(start)
                """)
            {
                let (value, charged) = try row.decode((String, Int64).self)
                guard let value = WindowValue(text: value) else { continue }
                openings[value] = (openings[value] ?? 0).subtractingReportingOverflow(charged).partialValue
            }
            return (span, openings)
        }
        guard let found else { return }
        try connection.transaction { transaction in
            let due = try transaction.query(
                """
                SELECT 1 FROM budget_window WHERE budget_number = \(budget.number) AND opening_due_version IS NOT NULL
                FOR NO KEY UPDATE
                """)
            guard !due.isEmpty else { return }
            let keys = found.openings.keys.map {
                WindowKey(budgetNumber: budget.number, span: found.span, value: $0)
            }
            let ids = try WindowRows.open(Set(keys), transaction)
            try transaction.execute(WindowRows.lock(ids.values.sorted()))
            let windows = ids.compactMap { key, id in found.openings[key.value].map { (id: id, opening: $0) } }
            let changed = try transaction.query(
                """
                UPDATE budget_window w SET spent = spent - opening_spent + o.opening, opening_spent = o.opening,
                    opening_due_version = NULL, revision = revision + 1
                FROM unnest(\(windows.map(\.id)), \(windows.map(\.opening))) AS o(window_id, opening)
                WHERE w.window_id = o.window_id
                    AND (w.opening_due_version IS NOT NULL OR w.opening_spent <> o.opening)
                RETURNING w.window_id, w.spent, w.limit_amount
                """
            ).map { try $0.decode((Int64, Int64, Int64).self) }
            try tell(budget, changed, transaction)
        }
    }

    /// Writes the alerts that windows have reached.
    private static func tell(
        _ budget: Budget, _ windows: [(id: Int64, spent: Int64, limit: Int64)], _ transaction: borrowing Transaction
    ) throws {
        if budget.alertAt.isEmpty { return }
        let crossings = windows.flatMap { window in
            budget.alertAt.filter { $0.isReached(by: window.spent, of: window.limit) }.map {
                AlertOutbox.Crossing(
                    budgetNumber: budget.number, windowID: window.id, threshold: $0, spent: window.spent,
                    limit: window.limit)
            }
        }
        _ = try AlertOutbox.write(crossings, transaction)
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
