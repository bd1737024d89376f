import Accounting
import Postgres

/// The planned changes of budgets. Each is made on top of what the budget is then.
package enum PlannedChangeStore {
    static let changesAPortion: Int64 = 100

    /// All planned changes that a budget has had, the newest first.
    package static func list(_ budget: Budget, _ connection: Connection) throws -> [PlannedChange] {
        try connection.query(
            """
            SELECT \(unescaped: PlannedChange.columns) FROM planned_change WHERE budget_number = \(budget.number)
            ORDER BY change_id DESC
            """
        ).map(PlannedChange.init)
    }

    /// Plans a change, if it could be made now.
    ///
    /// - Parameter draft: the budget as the change would leave it now.
    package static func plan(
        _ content: String, _ draft: BudgetDraft, of budget: Budget, at moment: Timestamp, by author: BudgetStore.Author,
        _ connection: Connection
    ) throws -> PlannedChange {
        try connection.transaction { transaction in
            let budget = try BudgetStore.lock(budget, transaction)
            try BudgetStore.requireMayPut(draft, over: budget, by: author)
            return try PlannedChange(
                transaction.query(
                    """
                    INSERT INTO planned_change (budget_number, content, effective_at, made_by, may_change)
                    VALUES (\(budget.number), \(content), \(moment), \(author.name),
                        \(author.mayChange.map(\.rawValue).sorted()))
                    RETURNING \(unescaped: PlannedChange.columns)
                    """)[0])
        }
    }

    /// Withdraws a change. One that was made, or has failed, stays as it is.
    package static func withdraw(
        _ number: Int64, of budget: Budget, by author: BudgetStore.Author, _ connection: Connection
    ) throws {
        try connection.transaction { transaction in
            let budget = try BudgetStore.lock(budget, transaction)
            guard
                try !transaction.query(
                    "SELECT 1 FROM planned_change WHERE budget_number = \(budget.number) AND change_id = \(number)"
                ).isEmpty
            else { throw StoreFailure.notFound("\(budget.id) has no planned change \(number).") }
            try author.requireMayChange(budget.owner, budget.id)
            try transaction.execute(
                """
                UPDATE planned_change SET state = 'withdrawn', withdrawn_by = \(author.name)
                WHERE change_id = \(number) AND state = 'planned'
                """)
        }
    }

    static func withdrawAll(of budgetNumber: Int64, by name: String, _ transaction: borrowing Transaction) throws {
        try transaction.execute(
            """
            UPDATE planned_change SET state = 'withdrawn', withdrawn_by = \(name)
            WHERE budget_number = \(budgetNumber) AND state = 'planned'
            """)
    }

    /// Changes whose time has come, in the order of their times.
    static func due(_ connection: Connection) throws -> [(number: Int64, budgetNumber: Int64)] {
        try connection.query(
            """
            SELECT change_id, budget_number FROM planned_change
            WHERE state = 'planned' AND effective_at <= clock_timestamp()
            ORDER BY effective_at, change_id LIMIT \(changesAPortion)
            """
        ).map { try $0.decode((Int64, Int64).self) }
    }

    /// Makes a change by whoever has asked for it. One that the budget does not take any more fails for good.
    static func make(
        _ number: Int64, of budgetNumber: Int64, _ reading: BudgetReading, _ connection: Connection
    ) throws {
        do {
            try connection.transaction { transaction in
                let budget = try BudgetStore.lock(budgetNumber, transaction)
                let rows = try transaction.query(
                    """
                    SELECT \(unescaped: PlannedChange.columns) FROM planned_change
                    WHERE change_id = \(number) AND state = 'planned' FOR NO KEY UPDATE
                    """)
                guard let change = try rows.first.map(PlannedChange.init) else { return }
                guard let budget else {
                    return try withdrawAll(of: budgetNumber, by: change.madeBy, transaction)
                }
                let author = BudgetStore.Author(name: change.madeBy, mayChange: change.mayChange)
                let changed = try BudgetStore.patch(budget, change.content, by: author, reading, transaction)
                try transaction.execute(
                    "UPDATE planned_change SET state = 'made', version = \(changed.version) WHERE change_id = \(number)"
                )
                _ = try ConfigurationStore.bump(transaction)
            }
        } catch let error where !(error is PostgresError) {
            try connection.execute(
                """
                UPDATE planned_change SET state = 'failed', why_failed = \(reading.words(error))
                WHERE change_id = \(number) AND state = 'planned'
                """)
        }
    }
}
