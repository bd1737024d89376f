/// The counts of verdicts since they were last written. They are found by a quick hash and compared field by field, so
/// that counting a call of a kind that was seen before copies nothing.
struct VerdictTallies: Sendable {
    private var tallies: [VerdictTally] = []
    /// By hash; where that one's is another key, by the next number.
    private var places: [UInt64: Int] = [:]

    mutating func count(_ verdict: Verdict, of call: Call, _ requestedModel: String, on day: CalendarDay) {
        var hash = Self.hash(call.who.team, call.who.feature, requestedModel, verdict.model)
        if let place = find(&hash, { $0.counts(verdict, call, requestedModel, day) }) {
            tallies[place].calls += 1
            return
        }
        let key = VerdictTally.Key(
            day: day, team: call.who.team, feature: call.who.feature, requestedModel: requestedModel,
            servedModel: verdict.model, verdict: verdict.kind, reason: verdict.reason?.code)
        append(VerdictTally(key: key, calls: 1), hash)
    }

    /// All counts; they are the caller's from here on.
    mutating func take() -> [VerdictTally] {
        defer { self = VerdictTallies() }
        return tallies
    }

    /// Counts that could not be written come back.
    mutating func putBack(_ lost: [VerdictTally]) {
        for tally in lost {
            let key = tally.key
            var hash = Self.hash(key.team, key.feature, key.requestedModel, key.servedModel)
            if let place = find(&hash, { $0.counts(key) }) {
                tallies[place].calls += tally.calls
            } else {
                append(tally, hash)
            }
        }
    }

    private static func hash(_ team: String, _ feature: String?, _ requested: String, _ served: ModelName?) -> UInt64 {
        var hash = QuickHash(team)
        hash.combine(feature)
        hash.combine(requested)
        hash.combine(served?.model)
        return hash.value
    }

    /// Leaves `hash` at where the key belongs if it is not there.
    private func find(_ hash: inout UInt64, _ isSame: (VerdictTally.Key) -> Bool) -> Int? {
        while let place = places[hash] {
            if isSame(tallies[place].key) { return place }
            hash &+= 1
        }
        return nil
    }

    private mutating func append(_ tally: VerdictTally, _ hash: UInt64) {
        places[hash] = tallies.count
        tallies.append(tally)
    }
}

extension VerdictTally.Key {
    fileprivate func counts(_ other: VerdictTally.Key) -> Bool {
        day == other.day && verdict == other.verdict && reason == other.reason && team == other.team
            && feature == other.feature && requestedModel == other.requestedModel && servedModel == other.servedModel
    }

    fileprivate func counts(_ verdict: Verdict, _ call: Call, _ requestedModel: String, _ day: CalendarDay) -> Bool {
        self.day == day && self.verdict == verdict.kind && reason == verdict.reason?.code
            && team == call.who.team && feature == call.who.feature && self.requestedModel == requestedModel
            && servedModel == verdict.model
    }
}
