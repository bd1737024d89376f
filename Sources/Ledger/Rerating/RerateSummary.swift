import Accounting

/// The result of a re-rating, by team.
package struct RerateSummary: Sendable {
    package struct Team: Sendable {
        /// The number of calls that get a correction, and the number of those that had no price.
        package var correctedCalls: Int64 = 0
        package var newlyPricedCalls: Int64 = 0
        /// The cost of the corrected calls before and after. A call without a price counts as 0 before. A price that is
        /// wrong by a factor of a million makes sums beyond the range of `Money`, and a dry run must be able to show
        /// such a price.
        package var beforeNanodollars: Int128 = 0
        package var afterNanodollars: Int128 = 0
        /// Calls the price book has no price for.
        package var unpricedCalls: Int64 = 0
        /// Calls that keep their cost: the new cost exceeds what one call may cost, only a later version knows the
        /// tier, or the ledger refused the correction.
        package var refusedCalls: Int64 = 0

        package var differenceNanodollars: Int128 { afterNanodollars - beforeNanodollars }
    }

    /// The number of calls that were checked.
    package private(set) var callCount: Int64 = 0
    private var byTeam: [String: Team] = [:]

    /// The teams with reported calls, sorted by name.
    package var teams: [(name: String, sums: Team)] { byTeam.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }

    package var correctedCalls: Int64 { byTeam.values.reduce(0) { $0 + $1.correctedCalls } }
    package var unpricedCalls: Int64 { byTeam.values.reduce(0) { $0 + $1.unpricedCalls } }
    package var refusedCalls: Int64 { byTeam.values.reduce(0) { $0 + $1.refusedCalls } }
    package var differenceNanodollars: Int128 { byTeam.values.reduce(0) { $0 + $1.differenceNanodollars } }

    init() {}

    mutating func add(_ correction: Correction) {
        var team = byTeam[correction.entry.who.team] ?? Team()
        team.correctedCalls += 1
        if correction.before == nil { team.newlyPricedCalls += 1 }
        team.beforeNanodollars += Int128(correction.before?.nanodollars ?? 0)
        team.afterNanodollars += Int128(correction.after.nanodollars)
        byTeam[correction.entry.who.team] = team
    }

    /// Adds the figures of a page except for its corrections.
    mutating func add(_ page: Rerating.Page) {
        callCount += page.callCount
        for team in page.unpriced { byTeam[team, default: Team()].unpricedCalls += 1 }
        for team in page.refused { addRefused(of: team) }
    }

    mutating func addRefused(of team: String) { byTeam[team, default: Team()].refusedCalls += 1 }
}
