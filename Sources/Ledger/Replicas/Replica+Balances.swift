import Accounting
import Postgres

/// What budgets have spent and hold in their current windows.
extension Replica {
    /// How many budgets are read at once: every verdict waits while the core is asked for them.
    private static let budgetsAPortion = 500

    /// What a budget has spent and holds in its current window, with the window's limit. All belong to the same moment.
    package struct Balance: Sendable {
        package let limit: Int64
        package let spent: Int64
        package let held: Int64
        /// What the limit has of the window before.
        package let carriedOver: Int64
        /// How many values have a window, of a budget with one each; the amounts are those of all together.
        package let values: Int64?
        /// When the window ends, or the first of what it has spent no longer counts.
        package let resetsAt: Timestamp?
    }

    /// By budget number.
    package func balances(of budgets: [Budget]) async throws -> [Int64: Balance] {
        var balances: [Int64: Balance] = [:]
        for start in stride(from: 0, to: budgets.count, by: Self.budgetsAPortion) {
            let portion = budgets[start..<min(start + Self.budgetsAPortion, budgets.count)]
            // One budget is looked up by its key; several are a list.
            try await addBalances(of: Array(portion), isList: budgets.count > 1, to: &balances)
        }
        return balances
    }

    /// The same where what PostgreSQL has of them was read with something else.
    package func balances(
        of budgets: [Budget], at now: Timestamp, stored: [Int64: BudgetSpending.Spent]
    ) async throws -> [Int64: Balance] {
        var balances: [Int64: Balance] = [:]
        for start in stride(from: 0, to: budgets.count, by: Self.budgetsAPortion) {
            let portion = budgets[start..<min(start + Self.budgetsAPortion, budgets.count)]
            try await addBalances(of: Array(portion), at: now, stored, to: &balances)
        }
        return balances
    }

    /// What this replica holds in a window.
    package func held(in windowID: Int64) -> Int64 {
        core.withLock { core in core.update { $0.held(inWindow: windowID) } }
    }

    private func addBalances(
        of budgets: [Budget], isList: Bool, to balances: inout [Int64: Balance]
    ) async throws {
        let now = now().wall
        let spent = { @Sendable (connection: Connection) in try BudgetSpending.current(of: budgets, at: now, connection)
        }
        let stored = try await isList ? database.read(spent) : database.lookUp(spent)
        try await addBalances(of: budgets, at: now, stored, to: &balances)
    }

    private func addBalances(
        of budgets: [Budget], at now: Timestamp, _ stored: [Int64: BudgetSpending.Spent],
        to balances: inout [Int64: Balance]
    ) async throws {
        var states = states(of: budgets, at: now)
        // A commit of this replica may be in PostgreSQL but not yet in memory, which still counts its money as held.
        // Give memory a few milliseconds to catch up.
        for _ in 0..<3 where budgets.contains(where: { isBehind(states[$0.number], stored[$0.number]) }) {
            try await Task.sleep(for: .milliseconds(5))
            states = self.states(of: budgets, at: now)
        }
        let heldOfValues = held(ofValuesOf: budgets.filter(\.scope.hasWildcard), at: now)
        for budget in budgets {
            let (state, stored) = (states[budget.number], stored[budget.number])
            // What has left a rolling window is known to the database first.
            let isOurs = state != nil && budget.period.rolling == nil && !isBehind(state, stored)
            // Of a budget that no call has needed since it started, this replica knows nothing, and holds nothing itself.
            let own = heldOfValues[budget.number].map { $0.plus(stored?.leasedByEnded ?? 0) }
            balances[budget.number] = Balance(
                limit: isOurs ? state!.limit : stored?.limit ?? budget.firstLimit(of: budget.window(containing: now)),
                spent: isOurs ? state!.spent : stored?.amount ?? 0,
                held: own ?? state?.held ?? stored?.leasedByEnded ?? 0,
                carriedOver: stored?.carriedOver ?? 0,
                values: budget.scope.hasWildcard ? stored?.values ?? 0 : nil,
                resetsAt: budget.window(containing: now).end ?? stored?.leavesAt)
        }
    }

    private func held(ofValuesOf budgets: [Budget], at now: Timestamp) -> [Int64: Int64] {
        if budgets.isEmpty { return [:] }
        return core.withLock { core in core.update { $0.held(ofValuesOf: Set(budgets.map(\.number)), at: now) } }
    }

    private func states(of budgets: [Budget], at now: Timestamp) -> [Int64: BudgetState] {
        core.withLock { core in
            core.update { engine in
                var states: [Int64: BudgetState] = [:]
                for budget in budgets where !budget.scope.hasWildcard {
                    states[budget.number] = engine.state(of: budget, at: now)
                }
                return states
            }
        }
    }

    private func isBehind(_ state: BudgetState?, _ stored: BudgetSpending.Spent?) -> Bool {
        guard let state, let stored else { return false }
        return (state.revision, state.spent) < (stored.revision, stored.amount)
    }
}
