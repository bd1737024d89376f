import Accounting
import Postgres

/// The rows of budgets, and the limits of their windows.
extension BudgetStore {
    /// Locks a budget against other changes, and returns it as it is now; nil if it is removed.
    static func lock(_ number: Int64, _ transaction: borrowing Transaction) throws -> Budget? {
        try transaction.query(
            """
            SELECT \(unescaped: StoredBudget.columns) FROM budget
            WHERE budget_number = \(number) AND removed_at IS NULL FOR NO KEY UPDATE
            """
        ).first.map(budget)
    }

    static func lock(_ known: Budget, _ transaction: borrowing Transaction) throws -> Budget {
        guard let budget = try lock(known.number, transaction) else {
            throw StoreFailure.notFound("There is no budget \(known.id).")
        }
        return budget
    }

    /// A budget that is made again goes on counting the versions of its id.
    static func insert(
        _ draft: BudgetDraft, by author: Author, _ transaction: borrowing Transaction
    ) throws -> Budget {
        let (scope, rules) = (draft.scope, draft.rules)
        let isExtended = Period(name: draft.period.text) == nil || draft.period == .hour || scope.hasWildcard
        return try transaction.query(
            """
            INSERT INTO budget (id, version, team, feature, "user", run, model, provider, tag_keys, tag_values,
                each_fields, period, extended_period, time_zone, unit, limit_amount, enforcement, unpriced,
                downgrade_at_millionths, alert_at_millionths, owner, is_granted, carry_over, carry_over_cap,
                planned_months, planned_limits, is_paced, unsettled, allowance)
            VALUES (\(draft.id), 1 + COALESCE((SELECT max(version) FROM budget WHERE id = \(draft.id)), 0),
                \(scope.team), \(scope.feature), \(scope.user), \(scope.run), \(scope.model), \(scope.provider),
                \(scope.tags.map(\.key)), \(scope.tags.map(\.value)), \(scope.eachNames),
                \(isExtended ? "extended" : draft.period.name), \(isExtended ? draft.period.text : nil),
                \(draft.zone.name), \(draft.unit.rawValue), \(draft.limit), \(draft.enforcement.rawValue),
                \(draft.unpriced.rawValue), \(draft.downgradeAt?.millionths), \(draft.alertAt.map(\.millionths)),
                \((draft.owner ?? .team).rawValue), \(author.isOfCompany), \(rules.carryOver.word),
                \(rules.carryOver.cap), \(rules.planned.map(\.month.firstDay)), \(rules.planned.map(\.limit)),
                \(rules.isPaced), \(rules.unsettled.rawValue), \(rules.allowance))
            RETURNING \(unescaped: StoredBudget.columns)
            """
        ).map(budget)[0]
    }

    static func change(
        _ known: Budget, _ draft: BudgetDraft, by author: Author, _ transaction: borrowing Transaction
    ) throws -> Budget {
        let rules = draft.rules
        let changed = try transaction.query(
            """
            UPDATE budget SET version = version + 1, limit_amount = \(draft.limit),
                enforcement = \(draft.enforcement.rawValue), unpriced = \(draft.unpriced.rawValue),
                downgrade_at_millionths = \(draft.downgradeAt?.millionths),
                alert_at_millionths = \(draft.alertAt.map(\.millionths)),
                owner = \((draft.owner ?? known.owner).rawValue), is_granted = is_granted OR \(author.isOfCompany),
                carry_over = \(rules.carryOver.word), carry_over_cap = \(rules.carryOver.cap),
                planned_months = \(rules.planned.map(\.month.firstDay)),
                planned_limits = \(rules.planned.map(\.limit)), is_paced = \(rules.isPaced),
                unsettled = \(rules.unsettled.rawValue), allowance = \(rules.allowance)
            WHERE budget_number = \(known.number)
            RETURNING \(unescaped: StoredBudget.columns)
            """
        ).map(budget)[0]
        try setLimits(of: changed, transaction)
        return changed
    }

    /// Gives the windows of a budget that itself stays as it is the limits that they should have now. Returns the
    /// configuration version by which every replica has them.
    static func renewLimits(of budget: Budget, _ transaction: borrowing Transaction) throws -> Int64 {
        // Replicas look for the windows of budgets that have changed.
        try transaction.execute(
            "UPDATE budget SET changed_in = pg_current_xact_id() WHERE budget_number = \(budget.number)")
        try setLimits(of: budget, transaction)
        return try ConfigurationStore.bump(transaction)
    }

    /// Gives the windows of a budget the limits that they should have, and writes the alerts that they have reached by
    /// that. Windows that are over keep their limit.
    static func setLimits(of budget: Budget, _ transaction: borrowing Transaction) throws {
        let windowIDs = try transaction.query(
            """
            SELECT window_id FROM budget_window
            WHERE budget_number = \(budget.number) AND (ends_at IS NULL OR ends_at > clock_timestamp())
            ORDER BY window_id FOR NO KEY UPDATE
            """
        ).map { try $0.decode(Int64.self, at: 0) }
        let windows = try transaction.query(
            """
            UPDATE budget_window w SET limit_amount = window_limit(b, w.starts_at, w.ends_at, w.carried), revision = w.revision + 1
            FROM budget b, budget_window earlier
            WHERE w.window_id = ANY(\(windowIDs)) AND b.budget_number = w.budget_number
                AND earlier.window_id = w.window_id
            RETURNING w.window_id, earlier.limit_amount, w.limit_amount,
                (SELECT spent FROM window_total t WHERE t.window_id = w.window_id)
            """
        ).map { row -> AlertOutbox.LimitChange in
            let (id, earlier, limit, spent) = try row.decode((Int64, Int64, Int64, Int64).self)
            return AlertOutbox.LimitChange(windowID: id, spent: spent, from: earlier, to: limit)
        }
        try AlertOutbox.rearm(windows, transaction)
        if budget.alertAt.isEmpty { return }
        let crossings = windows.flatMap { window in
            budget.alertAt.filter { $0.isReached(by: window.spent, of: window.to) }.map {
                AlertOutbox.Crossing(
                    budgetNumber: budget.number, windowID: window.windowID, threshold: $0, spent: window.spent,
                    limit: window.to)
            }
        }
        _ = try AlertOutbox.write(crossings, transaction)
    }
}
