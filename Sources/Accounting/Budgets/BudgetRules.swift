/// What few budgets have beside a limit and a period.
package final class BudgetRules: Sendable, Equatable {
    /// What a window inherits of the one before.
    package enum CarryOver: Hashable, Sendable {
        case none
        /// All that was left.
        case all
        /// What was left, up to an amount in the budget's unit.
        case upTo(Int64)
    }

    /// What becomes of a hold that expires unsettled.
    package enum Unsettled: String, Sendable, CaseIterable, Comparable {
        /// A record of it, which charges nothing. Of a budget: what its team says.
        case record
        /// An estimated entry that charges the cost of its input.
        case input
        /// An estimated entry that charges its whole estimate.
        case estimate

        /// In the order of what they charge.
        package static func < (left: Unsettled, right: Unsettled) -> Bool {
            switch (left, right) {
            case (.record, .input), (.record, .estimate), (.input, .estimate): true
            default: false
            }
        }
    }

    /// The limit of the windows that begin in a month, in place of the budget's.
    package struct Plan: Hashable, Sendable {
        package let month: CalendarMonth
        /// In the budget's unit.
        package let limit: Int64

        package init(month: CalendarMonth, limit: Int64) {
            self.month = month
            self.limit = limit
        }
    }

    package static let maximumPlans = 36

    package let carryOver: CarryOver
    /// By month, each once.
    package let planned: [Plan]
    /// Whether calls go down the ladder where spending runs ahead of the plan for its window.
    package let isPaced: Bool
    package let unsettled: Unsettled
    /// How much more a team may have in a window without being asked, in the budget's unit. Nil: nothing.
    package let allowance: Int64?

    package init(
        carryOver: CarryOver = .none, planned: [Plan] = [], isPaced: Bool = false, unsettled: Unsettled = .record,
        allowance: Int64? = nil
    ) {
        self.carryOver = carryOver
        self.planned = planned.sorted { $0.month < $1.month }
        self.isPaced = isPaced
        self.unsettled = unsettled
        self.allowance = allowance
    }

    package static let usual = BudgetRules()

    package static func == (left: BudgetRules, right: BudgetRules) -> Bool {
        left === right
            || left.carryOver == right.carryOver && left.planned == right.planned && left.isPaced == right.isPaced
                && left.unsettled == right.unsettled && left.allowance == right.allowance
    }
}
