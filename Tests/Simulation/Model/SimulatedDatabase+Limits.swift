import Accounting

/// Limits that are not their budget's alone: boosts, and what is carried over.
extension SimulatedDatabase {
    struct Boost {
        let budgetNumber: Int64
        let amount: Int64
        let endsAt: Timestamp
    }

    /// The limit that a window should have now, as `window_limit` says it.
    func limit(of key: WindowKey, carried: Int64) -> Int64 {
        let budget = configuration.scopes.budget(key.budgetNumber)!
        let inherited = budget.rules.carryOver == .all ? carried : 0
        let added = boosts.filter { $0.budgetNumber == budget.number && $0.endsAt > now }.reduce(0) { $0 + $1.amount }
        return budget.limit + inherited + added
    }

    /// Gives the windows of a budget their limits. Windows that have ended keep theirs.
    func renewLimits(of number: Int64) {
        for (id, window) in windows where window.key.budgetNumber == number && !isOver(window) {
            windows[id]!.limit = limit(of: window.key, carried: window.carried)
            windows[id]!.revision += 1
        }
    }

    private func isOver(_ window: Window) -> Bool { window.key.span.end.map { $0 <= now } ?? false }

    func boost(_ number: Int64, by amount: Int64, seconds: Int64) {
        boosts.append(Boost(budgetNumber: number, amount: amount, endsAt: now.adding(seconds: seconds)))
        change(configuration.budgets)
        renewLimits(of: number)
    }

    /// Ends the boosts whose time is over, as `DueBudgetChanges` does.
    func endBoosts() {
        let over = boosts.filter { $0.endsAt <= now }
        if over.isEmpty { return }
        boosts.removeAll { $0.endsAt <= now }
        change(configuration.budgets, endsBoost: true)
        for number in Set(over.map(\.budgetNumber)).sorted() { renewLimits(of: number) }
    }

    /// What a window leaves to the next one, as `left_over` says it.
    func leftOver(_ window: Window) -> Int64 { max(0, window.limit - window.spent - window.leased) }

    /// The windows of budgets that carry over, each with the one before it, which is over.
    var inheritances: [(id: Int64, before: Window)] {
        let carrying = configuration.budgets.filter { $0.rules.carryOver != .none }
        return carrying.flatMap { budget in
            let own = windows.filter { $0.value.key.budgetNumber == budget.number }.sorted { $0.key < $1.key }
            return own.compactMap { next in
                own.first { isOver($0.value) && $0.value.key.span.end == next.value.key.span.start }
                    .map { (next.key, $0.value) }
            }
        }
    }

    /// Does what `CarryOver` does.
    func carryOver() {
        for (id, before) in inheritances where windows[id]!.carried != leftOver(before) {
            let left = leftOver(before)
            windows[id]!.carried = bug == .carryOverTwice ? windows[id]!.carried + left : left
            change(configuration.budgets)
            renewLimits(of: before.key.budgetNumber)
        }
    }
}
