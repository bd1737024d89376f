import Accounting
import Ledger

/// What must hold of windows that inherit or roll.
extension Promises {
    /// Windows that can be used have inherited what the ones before have left, once.
    var isCarriedOver: Bool {
        let database = simulation.database
        return database.inheritances.allSatisfy { id, before in
            let window = database.windows[id]!
            let isOver = window.key.span.end.map { $0 <= database.now } ?? false
            return isOver || window.limit == database.limit(of: window.key, carried: database.leftOver(before))
        }
    }

    /// A rolling window counts what was spent in its period, and what was spent in a slot before at the most.
    func lookAtRollingWindows() {
        let database = simulation.database
        for (id, window) in database.windows {
            let budget = database.configuration.scopes.budget(window.key.budgetNumber)!
            guard let rolling = budget.period.rolling else { continue }
            var (least, most): (Int64, Int64) = (0, 0)
            for booked in database.entries.values where booked.windowIDs.contains(id) {
                let (entry, cost) = (booked.posting.entry, booked.posting.entry.rated.cost!.nanodollars)
                if entry.occurredAt.adding(seconds: rolling.seconds) > database.now { least += cost }
                if entry.occurredAt.adding(seconds: rolling.seconds * 61 / 60) > database.now { most += cost }
            }
            if window.spent < least { simulation.fail(.noOverspend, "window \(id) counts \(window.spent) of \(least)") }
            if window.spent > most { simulation.fail(.noFalseDenial, "window \(id) counts \(window.spent) of \(most)") }
        }
    }
}
