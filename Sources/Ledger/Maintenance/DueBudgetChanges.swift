import Accounting
import Postgres

/// Changes of budgets whose time has come: boosts that begin and end, and planned changes.
enum DueBudgetChanges {
    /// Makes one portion of them, each budget's in a transaction of its own. What cannot be made stays due, and keeps back
    /// no other.
    ///
    /// - Parameter reading: reads planned changes; without it they stay due.
    static func make(reading: BudgetReading? = nil, _ connection: Connection) throws -> MaintenanceTask.Portion {
        var made = 0
        var failure: (any Error)?
        func attempt(_ change: () throws -> Void) throws {
            do {
                try change()
                made += 1
            } catch let error where connection.isUsable {
                failure = error
            }
        }
        for number in try BoostStore.due(connection) { try attempt { try pass(number, connection) } }
        if let reading {
            for (number, budgetNumber) in try PlannedChangeStore.due(connection) {
                try attempt { try PlannedChangeStore.make(number, of: budgetNumber, reading, connection) }
            }
        }
        if let failure { throw failure }
        return MaintenanceTask.Portion(rows: made, hasMore: made > 0)
    }

    private static func pass(_ number: Int64, _ connection: Connection) throws {
        try connection.transaction { transaction in
            guard let budget = try BudgetStore.lock(number, transaction) else {
                return try BoostStore.end(of: number, transaction)
            }
            try BoostStore.pass(budget, transaction)
        }
    }
}
