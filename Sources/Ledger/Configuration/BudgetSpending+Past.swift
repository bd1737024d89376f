import Accounting
import Postgres

extension BudgetSpending {
    /// What a window had spent at some time, or a part of it.
    package struct Part: Sendable {
        package let budgetNumber: Int64
        package let value: WindowValue
        /// In the budget's unit.
        package let amount: Int64
        /// When it no longer counts, in a rolling window.
        package let leavesAt: Timestamp?

        package init(budgetNumber: Int64, value: WindowValue = .none, amount: Int64, leavesAt: Timestamp? = nil) {
            self.budgetNumber = budgetNumber
            self.value = value
            self.amount = amount
            self.leavesAt = leavesAt
        }
    }

    /// Whether `past` can say what was spent by then: spending is summed by quarters of an hour.
    package static func isKnown(at moment: Timestamp) -> Bool {
        moment.microseconds % (ScopeTotal.slotSeconds * 1_000_000) == 0
    }

    /// What the calls in the scopes of budgets, stored or not, had spent by `moment` in the windows that are open then.
    package static func past(
        of budgets: [Budget], by moment: Timestamp, in configuration: Configuration, _ connection: Connection
    ) throws -> [Part] {
        try connection.transaction(isolation: .repeatableRead, readOnly: true) { transaction in
            var parts: [Part] = []
            for budget in budgets {
                let window = budget.window(containing: moment)
                if budget.period.rolling == nil, window.start == moment { continue }
                let total = ScopeTotal(
                    budget.scope, budget.period, unit: budget.unit, prices: configuration.prices,
                    moves: configuration.moves,
                    span: WindowSpan(start: window.start, end: moment), now: moment, until: moment)
                for (part, amount) in try total.amounts(transaction) where amount != 0 {
                    parts.append(
                        Part(
                            budgetNumber: budget.number, value: part.value, amount: amount, leavesAt: part.leavesAt))
                }
            }
            return parts
        }
    }
}
