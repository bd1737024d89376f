import Accounting

/// What a re-rating comes to, by team.
package struct RerateSummary: Sendable {
    package struct Team: Sendable {
        /// Calls that get a correction, and those of them that had no price.
        package var correctedCalls: Int64 = 0
        package var newlyPricedCalls: Int64 = 0
        /// Of the corrected calls; one without a price counts as nothing before. A price that is wrong by a million times
        /// makes sums beyond what `Money` holds, and finding that is what a dry run is for.
        package var beforeNanodollars: Int128 = 0
        package var afterNanodollars: Int128 = 0
        /// Calls the price book has no price for.
        package var unpricedCalls: Int64 = 0
        /// Calls that keep the cost they have, because the new one cannot be: more than one call may cost, or refused by
        /// the ledger.
        package var refusedCalls: Int64 = 0

        package var differenceNanodollars: Int128 { afterNanodollars - beforeNanodollars }
    }

    /// Calls that were looked at.
    package private(set) var callCount: Int64 = 0
    private var byTeam: [String: Team] = [:]

    /// The teams that have something to see, by name.
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

    /// All of a page but its corrections.
    mutating func add(_ page: Rerating.Page) {
        callCount += page.callCount
        for team in page.unpriced { byTeam[team, default: Team()].unpricedCalls += 1 }
        for team in page.refused { addRefused(of: team) }
    }

    mutating func addRefused(of team: String) { byTeam[team, default: Team()].refusedCalls += 1 }
}
