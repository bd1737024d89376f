import Accounting
import Postgres

/// Works out, once a day, how the spending in the scopes of paced budgets is spread over a week.
enum SpendingProfiles {
    private static let budgetsAPortion = 16

    /// Works out the profiles of one portion of the budgets that have had none for a day.
    static func workOut(
        _ configuration: Configuration, at now: Timestamp, _ connection: Connection
    ) throws -> MaintenanceTask.Portion {
        let paced = configuration.scopes.budgets.lazy.filter { $0.pacing != nil }.map(\.number)
        if paced.isEmpty { return MaintenanceTask.Portion(rows: 0) }
        let budgets = try connection.query(
            """
            SELECT budget_number FROM unnest(\(Array(paced))) AS b(budget_number)
            LEFT JOIN spending_profile p USING (budget_number)
            WHERE p.worked_out_at IS NULL OR p.worked_out_at <= \(now.adding(seconds: -86_400))
            ORDER BY p.worked_out_at NULLS FIRST, budget_number LIMIT \(Int64(budgetsAPortion))
            """
        ).compactMap { configuration.scopes.budget(try $0.decode(Int64.self, at: 0)) }
        if budgets.isEmpty { return MaintenanceTask.Portion(rows: 0) }
        let weights = try connection.transaction(isolation: .repeatableRead, readOnly: true) { transaction in
            try budgets.map { try profile(of: $0, configuration, at: now, transaction)?.weights ?? [] }
        }
        try store(Dictionary(uniqueKeysWithValues: zip(budgets.map(\.number), weights)), at: now, connection)
        return MaintenanceTask.Portion(rows: budgets.count, hasMore: budgets.count == budgetsAPortion)
    }

    private static func profile(
        of budget: Budget, _ configuration: Configuration, at now: Timestamp, _ transaction: borrowing Transaction
    ) throws -> SpendingProfile? {
        let total = ScopeTotal(
            budget.scope, budget.period, unit: budget.unit, prices: configuration.prices, moves: configuration.moves,
            span: SpendingProfile.span(before: now, in: budget.zone), now: now)
        return SpendingProfile(of: try total.bySlot(transaction), in: budget.zone, before: now)
    }

    /// Replicas load the budgets whose weights are others than before.
    private static func store(_ weights: [Int64: [Int64]], at now: Timestamp, _ connection: Connection) throws {
        try connection.transaction { transaction in
            var changed: [Int64] = []
            for (number, weights) in weights.sorted(by: { $0.key < $1.key }) {
                let before = try transaction.query(
                    "SELECT weights FROM spending_profile WHERE budget_number = \(number)"
                ).first?.decode([Int64].self, at: 0)
                if before ?? [] != weights { changed.append(number) }
                try transaction.execute(
                    """
                    INSERT INTO spending_profile (budget_number, weights, worked_out_at)
                    VALUES (\(number), \(weights), \(now))
                    ON CONFLICT (budget_number) DO UPDATE
                    SET weights = excluded.weights, worked_out_at = excluded.worked_out_at
                    """)
            }
            if changed.isEmpty { return }
            try transaction.execute(
                """
                UPDATE budget SET changed_in = pg_current_xact_id()
                WHERE budget_number IN (
                    SELECT budget_number FROM budget WHERE budget_number = ANY(\(changed)) ORDER BY 1 FOR NO KEY UPDATE)
                """)
            _ = try ConfigurationStore.bump(transaction)
        }
    }
}
