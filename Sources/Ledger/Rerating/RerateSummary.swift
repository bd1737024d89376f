import Accounting

/// The result of a re-rating, by team and by reason.
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

    /// The calls that a reason has, and by how much their corrections change what was spent.
    package struct Sums: Sendable {
        package var calls: Int64 = 0
        package var differenceNanodollars: Int128 = 0
    }

    /// The number of calls that were checked.
    package private(set) var callCount: Int64 = 0
    private var byTeam: [String: Team] = [:]
    private var byReason: [RerateReason: Sums] = [:]

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
        let before = Int128(correction.before?.nanodollars ?? 0)
        add(correction.reason, Int128(correction.after.nanodollars) - before)
    }

    private mutating func add(_ reason: RerateReason, _ differenceNanodollars: Int128 = 0) {
        byReason[reason, default: Sums()].calls += 1
        byReason[reason, default: Sums()].differenceNanodollars += differenceNanodollars
    }

    /// Adds the figures of a page except for its corrections.
    mutating func add(_ page: Rerating.Page) {
        callCount += page.callCount
        for (team, reason) in page.unpriced {
            byTeam[team, default: Team()].unpricedCalls += 1
            add(reason)
        }
        for (team, reason) in page.refused { addRefused(of: team, reason) }
    }

    /// Adds a correction that the ledger refused.
    mutating func addRefused(_ correction: Correction) {
        let reason = RerateReason(.refused, correction.entry.model, remark: .ledgerRefused)
        addRefused(of: correction.entry.who.team, reason)
    }

    private mutating func addRefused(of team: String, _ reason: RerateReason) {
        byTeam[team, default: Team()].refusedCalls += 1
        add(reason)
    }
}

extension RerateSummary {
    package typealias Line = (reason: RerateReason, detail: String, sums: Sums)

    /// The reasons, those first that change the most of what was spent. Where there are more than `most`, the last line
    /// has all others together.
    package func reasons(most: Int) -> [Line] {
        let lines = byReason.map { (reason: $0, detail: $0.detail, sums: $1) }.sorted { left, right in
            let (leftRank, rightRank) = (
                left.sums.differenceNanodollars.magnitude, right.sums.differenceNanodollars.magnitude
            )
            if leftRank != rightRank { return leftRank > rightRank }
            if left.sums.calls != right.sums.calls { return left.sums.calls > right.sums.calls }
            return (left.reason.kind.rawValue, left.detail) < (right.reason.kind.rawValue, right.detail)
        }
        guard lines.count > most else { return lines }
        let others = lines.dropFirst(most - 1)
        let rest = others.reduce(into: Sums()) { sums, line in
            sums.calls += line.sums.calls
            sums.differenceNanodollars += line.sums.differenceNanodollars
        }
        let reason = RerateReason(.other, nil, remark: .others(others.count))
        return lines.prefix(most - 1) + [(reason: reason, detail: reason.detail, sums: rest)]
    }
}
