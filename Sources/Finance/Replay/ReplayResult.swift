import Accounting

/// What a replay came to.
package struct ReplayResult: Sendable {
    /// How calls were answered, and what they cost.
    package struct Counts: Sendable {
        package var calls: Int64 = 0
        /// On the model that was asked for.
        package var admitted: Int64 = 0
        /// Of those admitted or downgraded, how many for less output than they asked for.
        package var clamped: Int64 = 0
        package var downgraded: Int64 = 0
        package var denied: Int64 = 0
        package var spent = Money.zero
        /// What they cost in truth.
        package var reallySpent = Money.zero

        package var saved: Money { reallySpent - spent }
    }

    /// The calls of one day, team and feature.
    package struct Row: Sendable {
        /// In the accounting time zone.
        package let day: CalendarDay
        package let team: String
        package let feature: String?
        package var counts = Counts()
        /// The first call that was denied because a budget had run dry.
        package var ranDryAt: Timestamp?
    }

    /// One of the budgets that were tried.
    package struct Outcome: Sendable {
        package let budget: Budget
        /// In the budget's unit.
        package var spent: Int64 = 0
        /// The first call that was denied because it had run dry.
        package var ranDryAt: Timestamp?
        package var denied: Int64 = 0
        /// How many calls a soft or shadow budget would have denied.
        package var wouldDeny: Int64 = 0
    }

    /// A call whose verdict differs from the real one.
    package struct Difference: Sendable {
        package let at: Timestamp
        package let team: String
        package let requestID: String
        package let was: String
        package let becomes: String
    }

    package var counts = Counts()
    /// How many of the calls admitted were denied in truth, so that their usage is assumed.
    package var assumed: Int64 = 0
    /// How many verdicts differ from the real ones, and the first of them.
    package var differenceCount: Int64 = 0
    package var differences: [Difference] = []
    /// By day, team and feature.
    package var rows: [Row] = []
    package var outcomes: [Outcome] = []
    /// How many pages of the log a later version has written, or damage has cut, so that not all of them was judged.
    package var unreadPages: Int64 = 0
}
