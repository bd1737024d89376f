import Accounting

/// What a re-rating changes, by team.
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

        package var differenceNanodollars: Int128 { afterNanodollars - beforeNanodollars }
    }

    /// Calls that were looked at.
    package internal(set) var callCount: Int64 = 0
    private var byTeam: [String: Team] = [:]

    /// The teams that have something to see, by name.
    package var teams: [(name: String, sums: Team)] { byTeam.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }

    package var correctedCalls: Int64 { byTeam.values.reduce(0) { $0 + $1.correctedCalls } }
    package var unpricedCalls: Int64 { byTeam.values.reduce(0) { $0 + $1.unpricedCalls } }
    package var differenceNanodollars: Int128 { byTeam.values.reduce(0) { $0 + $1.differenceNanodollars } }

    mutating func add(_ correction: Correction) {
        var team = byTeam[correction.entry.who.team] ?? Team()
        team.correctedCalls += 1
        if correction.before == nil { team.newlyPricedCalls += 1 }
        team.beforeNanodollars += Int128(correction.before?.nanodollars ?? 0)
        team.afterNanodollars += Int128(correction.after.nanodollars)
        byTeam[correction.entry.who.team] = team
    }

    mutating func addUnpriced(_ call: RecordedCall) { byTeam[call.who.team, default: Team()].unpricedCalls += 1 }
}
