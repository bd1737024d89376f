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
        let spent: [ScopeTotal.Part: Int64]
    }

    static func estimate(_ draft: BudgetDraft, _ prices: PriceBook, _ connection: Connection) throws -> Estimate {
        let now = SystemClock.wallTime()
        let span = draft.period.window(containing: now, in: draft.zone)
        let spent = try connection.transaction(isolation: .repeatableRead, readOnly: true) { transaction in
            try ScopeTotal(
                draft.scope, draft.period, unit: draft.unit, prices: prices, moves: FeatureMoveStore.all(transaction),
                span: span, now: now
            ).amounts(transaction)
        }
        return Estimate(span: span, spent: spent)
    }

    /// Opens the first windows of a new budget.
    static func open(
        _ budget: Budget, _ opening: Estimate, dueVersion: Int64, _ transaction: borrowing Transaction
    ) throws {
        // The window without a value says that the opening is due.
        let spent = opening.spent.merging([.init(value: .none): 0]) { known, _ in known }
        let windows = try set(spent, of: budget, in: opening.span, transaction)
        try transaction.execute(
            """
            UPDATE budget_window SET opening_due_version = \(dueVersion)
            WHERE budget_number = \(budget.number) AND starts_at = \(opening.span.start) AND value = ''
            """)
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
            transaction -> (span: WindowSpan, openings: [ScopeTotal.Part: Int64])? in
            let rows = try transaction.query(
                """
                SELECT starts_at, ends_at FROM budget_window
                WHERE budget_number = \(budget.number) AND opening_due_version IS NOT NULL
                """)
            guard let row = rows.first else { return nil }
            let (start, end) = try row.decode((Timestamp, Timestamp?).self)
            let span = WindowSpan(start: start, end: end)
            let total = ScopeTotal(
                budget.scope, budget.period, unit: budget.unit, prices: prices,
                moves: try FeatureMoveStore.all(transaction), span: span, now: SystemClock.wallTime())
            var openings = try total.amounts(transaction)
            for (part, charged) in try self.charged(to: budget, in: span, transaction) {
                openings[part] = (openings[part] ?? 0).subtractingReportingOverflow(charged).partialValue
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
            let changed = try set(found.openings, of: budget, in: found.span, transaction)
            try transaction.execute(
                """
                UPDATE budget_window SET opening_due_version = NULL
                WHERE budget_number = \(budget.number) AND opening_due_version IS NOT NULL
                """)
            try tell(budget, changed, transaction)
        }
    }

    /// What calls that name the windows have charged to them.
    private static func charged(
        to budget: Budget, in span: WindowSpan, _ transaction: borrowing Transaction
    ) throws -> [ScopeTotal.Part: Int64] {
        let rows = try transaction.query(
            budget.period.rolling == nil
                ? """
                SELECT value, NULL::timestamptz, spent - opening_spent FROM window_total
                WHERE budget_number = \(budget.number) AND starts_at = \(span.start)
                """
                : """
                SELECT w.value, s.leaves_at, s.spent - s.opening_spent FROM budget_window w JOIN window_slot s USING (window_id)
                WHERE w.budget_number = \(budget.number) AND w.starts_at = \(span.start)
                """)
        var charged: [ScopeTotal.Part: Int64] = [:]
        for row in rows {
            let (value, leavesAt, amount) = try row.decode((String, Timestamp?, Int64).self)
            if let value = WindowValue(text: value) { charged[.init(value: value, leavesAt: leavesAt)] = amount }
        }
        return charged
    }

    private typealias Window = (id: Int64, spent: Int64, limit: Int64)

    /// Sets what windows had spent before their budget was made, and opens those that have no row. Returns those that it
    /// changes.
    private static func set(
        _ openings: [ScopeTotal.Part: Int64], of budget: Budget, in span: WindowSpan,
        _ transaction: borrowing Transaction
    ) throws -> [Window] {
        let ids = try WindowRows.open(
            Set(openings.keys.map { WindowKey(budgetNumber: budget.number, span: span, value: $0.value) }), transaction)
        try transaction.execute(WindowRows.lock(ids.values.sorted()))
        let windows = openings.compactMap { part, amount in
            ids[WindowKey(budgetNumber: budget.number, span: span, value: part.value)].map {
                (id: $0, leavesAt: part.leavesAt, amount: amount)
            }
        }
        let slots = windows.filter { $0.leavesAt != nil }
        if !slots.isEmpty {
            try transaction.execute(
                """
                INSERT INTO window_slot (window_id, leaves_at, spent, opening_spent)
                SELECT window_id, leaves_at, amount, amount
                FROM unnest(\(slots.map(\.id)), \(slots.map(\.leavesAt)), \(slots.map(\.amount)))
                    AS o(window_id, leaves_at, amount)
                WHERE leaves_at > clock_timestamp() ORDER BY 1, 2
                ON CONFLICT (window_id, leaves_at) DO UPDATE
                    SET spent = window_slot.spent - window_slot.opening_spent + excluded.opening_spent,
                        opening_spent = excluded.opening_spent
                """)
        }
        let rows = try transaction.query(
            """
            UPDATE budget_window w SET spent = w.spent - w.opening_spent + o.opening, opening_spent = o.opening,
                revision = w.revision + 1
            FROM (
                SELECT window_id, CASE WHEN \(budget.period.rolling != nil)
                    THEN (SELECT COALESCE(sum(opening_spent), 0)::bigint FROM window_slot s WHERE s.window_id = p.window_id)
                    ELSE sum(amount)::bigint END AS opening
                FROM unnest(\(windows.map(\.id)), \(windows.map(\.amount))) AS p(window_id, amount) GROUP BY window_id) o
            WHERE w.window_id = o.window_id AND w.opening_spent <> o.opening
            RETURNING w.window_id, w.spent, w.limit_amount
            """)
        return try rows.map { try $0.decode((Int64, Int64, Int64).self) }
    }

    /// Writes the alerts that windows have reached.
    private static func tell(
        _ budget: Budget, _ windows: [Window], _ transaction: borrowing Transaction
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
