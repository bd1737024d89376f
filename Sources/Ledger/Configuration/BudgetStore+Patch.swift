import Accounting
import Postgres

/// Changes of what somebody names of a budget, on top of what the budget is by then.
extension BudgetStore {
    /// - Parameter content: the body of a `PATCH`.
    package static func patch(
        _ known: Budget, _ content: String, expecting: Expectation?, by author: Author, _ reading: BudgetReading,
        _ connection: Connection
    ) throws -> Stored {
        try connection.transaction { transaction in
            let budget = try lock(known, transaction)
            if case .version(let version) = expecting, version != budget.version { throw StoreFailure.versionMismatch }
            let changed = try patch(budget, content, by: author, reading, transaction)
            return Stored(
                budget: changed, isNew: false, configurationVersion: try ConfigurationStore.bump(transaction))
        }
    }

    /// - Parameter budget: as this transaction has locked it.
    static func patch(
        _ budget: Budget, _ content: String, by author: Author, _ reading: BudgetReading,
        _ transaction: borrowing Transaction
    ) throws -> Budget {
        let draft = try reading.draft(budget, content)
        let author = Author(name: author.name, mayChange: author.mayChange, reason: draft.reason)
        try requireMayPut(draft, over: budget, by: author)
        let changed = try change(budget, draft, by: author, transaction)
        try note(changed.number, changed.version, reading.content(changed), by: author, transaction)
        return changed
    }
}
