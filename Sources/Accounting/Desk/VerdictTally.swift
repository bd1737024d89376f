/// How many calls of one kind were answered in one way on one day; counted in memory, written once a second.
package struct VerdictTally: Sendable {
    package struct Key: Hashable, Sendable {
        /// In the accounting time zone.
        package let day: CalendarDay
        package let team: String
        package let feature: String?
        package let requestedModel: String
        /// Nil on a deny.
        package let servedModel: ModelName?
        package let verdict: Verdict.Kind
        package let reason: Reason.Code?
    }

    package let key: Key
    package let calls: Int64
}

extension Desk {
    mutating func tally(_ verdict: Verdict, of call: Call, at now: Timestamp) {
        let key = VerdictTally.Key(
            day: configuration.accountingZone.day(at: now), team: call.who.team, feature: call.who.feature,
            requestedModel: call.qualifiedModel, servedModel: verdict.model, verdict: verdict.kind,
            reason: verdict.reason?.code)
        tallies[key, default: 0] += 1
    }

    /// The counts since the last time; they are the caller's from here on.
    package mutating func takeTallies() -> [VerdictTally] {
        defer { tallies = [:] }
        return tallies.map { VerdictTally(key: $0.key, calls: $0.value) }
    }

    /// Counts that could not be written come back.
    package mutating func putBack(_ lost: [VerdictTally]) {
        for tally in lost { tallies[tally.key, default: 0] += tally.calls }
    }
}
