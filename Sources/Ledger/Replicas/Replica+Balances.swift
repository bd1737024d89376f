import Accounting
import Postgres

/// What budgets have spent and hold in their current windows.
extension Replica {
    /// How many budgets are read at once: every verdict waits while the core is asked for them.
    private static let budgetsAPortion = 500

    /// By budget number. Both figures of a budget belong to the same moment.
    package func balances(of budgets: [Budget]) async throws -> [Int64: (spent: Int64, held: Int64)] {
        var balances: [Int64: (spent: Int64, held: Int64)] = [:]
        for start in stride(from: 0, to: budgets.count, by: Self.budgetsAPortion) {
            let portion = budgets[start..<min(start + Self.budgetsAPortion, budgets.count)]
            // One budget is looked up by its key; several are a list.
            try await addBalances(of: Array(portion), isList: budgets.count > 1, to: &balances)
        }
        return balances
    }

    private func addBalances(
        of budgets: [Budget], isList: Bool, to balances: inout [Int64: (spent: Int64, held: Int64)]
    ) async throws {
        let now = now().wall
        let spent = { @Sendable (connection: Connection) in try BudgetStore.spent(of: budgets, at: now, connection) }
        let stored = try await isList ? database.read(spent) : database.lookUp(spent)
        var states = states(of: budgets, at: now)
        // A commit of this replica may be in PostgreSQL but not yet in memory, which still counts its money as held.
        // Give memory a few milliseconds to catch up.
        for _ in 0..<3 where budgets.contains(where: { isBehind(states[$0.number], stored[$0.number]) }) {
            try await Task.sleep(for: .milliseconds(5))
            states = self.states(of: budgets, at: now)
        }
        for number in budgets.map(\.number) {
            let (state, stored) = (states[number], stored[number])
            let isOurs = state != nil && !isBehind(state, stored)
            // Of a budget that no call has needed since it started, this replica knows nothing, and holds nothing itself.
            balances[number] = (
                isOurs ? state!.spent : stored?.amount ?? 0, state?.held ?? stored?.leasedByEnded ?? 0
            )
        }
    }

    private func states(of budgets: [Budget], at now: Timestamp) -> [Int64: BudgetState] {
        core.withLock { core in
            core.update { engine in
                var states: [Int64: BudgetState] = [:]
                for budget in budgets { states[budget.number] = engine.state(of: budget, at: now) }
                return states
            }
        }
    }

    private func isBehind(_ state: BudgetState?, _ stored: BudgetStore.Spent?) -> Bool {
        guard let state, let stored else { return false }
        return (state.revision, state.spent) < (stored.revision, stored.amount)
    }
}
