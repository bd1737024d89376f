/// The verdict counts since they were last written. A count is found by a quick hash and confirmed by comparing all
/// fields, so counting a call of a known kind copies nothing.
struct VerdictCounts: Sendable {
    private var counts: [VerdictCount] = []
    /// By hash. If another key already has that hash, by the next free number.
    private var places = PlaceTable()
    /// By team, the hashes of the names that its calls of `namedDay` had.
    private var names: [String: Set<UInt64>] = [:]
    private var namedDay = CalendarDay(daysSince1970: 0)

    /// How many different names (feature, model asked for, model served) of a team are counted apart on one day. Clients
    /// choose these names, also those of calls that are denied, and each is a row for good.
    static let maximumNames = 1_000
    /// What is counted in place of the model once a team has used up its names. Its calls are counted all the same.
    static let otherModel = "(other)"

    mutating func count(_ verdict: Verdict, of call: Call, _ requestedModel: String, on day: CalendarDay) {
        var hash = Self.hash(call.who.team, call.who.feature, requestedModel, verdict.model)
        if let place = find(&hash, { $0.counts(verdict, call, requestedModel, day) }) {
            counts[place].calls += 1
            return
        }
        let hasName = isNamed(hash, of: call.who.team, on: day)
        let key = VerdictCount.Key(
            day: day, team: call.who.team, feature: hasName ? call.who.feature : nil,
            requestedModel: hasName ? requestedModel : Self.otherModel, servedModel: hasName ? verdict.model : nil,
            verdict: verdict.kind, reason: verdict.reason?.code)
        if hasName { append(VerdictCount(key: key, calls: 1), hash) } else { add([VerdictCount(key: key, calls: 1)]) }
    }

    private mutating func isNamed(_ hash: UInt64, of team: String, on day: CalendarDay) -> Bool {
        if namedDay != day { (names, namedDay) = ([:], day) }
        if names[team, default: []].contains(hash) { return true }
        guard names[team, default: []].count < Self.maximumNames else { return false }
        names[team, default: []].insert(hash)
        return true
    }

    /// Takes back the count of a verdict that reached nobody. If the count was taken meanwhile, the next one is less by
    /// one, and may be negative.
    mutating func takeBack(_ verdict: Verdict, of hold: Hold, on day: CalendarDay) {
        let hash = Self.hash(hold.who.team, hold.who.feature, hold.requestedModel, verdict.model)
        // It was counted under a name of its own, unless its team had used up its names.
        let hasName = namedDay != day || names[hold.who.team]?.contains(hash) == true
        let key = VerdictCount.Key(
            day: day, team: hold.who.team, feature: hasName ? hold.who.feature : nil,
            requestedModel: hasName ? hold.requestedModel : Self.otherModel,
            servedModel: hasName ? verdict.model : nil, verdict: verdict.kind, reason: verdict.reason?.code)
        add([VerdictCount(key: key, calls: -1)])
    }

    /// Returns all counts and clears them.
    mutating func take() -> [VerdictCount] {
        defer { (counts, places) = ([], PlaceTable()) }
        return counts.filter { $0.calls != 0 }
    }

    /// Adds counts to these, such as those that could not be written.
    mutating func add(_ others: [VerdictCount]) {
        for count in others {
            let key = count.key
            var hash = Self.hash(key.team, key.feature, key.requestedModel, key.servedModel)
            if let place = find(&hash, { $0.counts(key) }) {
                counts[place].calls += count.calls
            } else {
                append(count, hash)
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

    /// The place of the count that has the key. If there is none, `hash` becomes the number under which the key
    /// belongs.
    private func find(_ hash: inout UInt64, _ isSame: (VerdictCount.Key) -> Bool) -> Int? {
        while let place = places[hash] {
            if isSame(counts[place].key) { return place }
            hash &+= 1
        }
        return nil
    }

    private mutating func append(_ count: VerdictCount, _ hash: UInt64) {
        places[hash] = counts.count
        counts.append(count)
    }
}

extension VerdictCount.Key {
    fileprivate func counts(_ other: VerdictCount.Key) -> Bool {
        day == other.day && verdict == other.verdict && reason == other.reason && team == other.team
            && feature == other.feature && requestedModel == other.requestedModel && servedModel == other.servedModel
    }

    fileprivate func counts(_ verdict: Verdict, _ call: Call, _ requestedModel: String, _ day: CalendarDay) -> Bool {
        self.day == day && self.verdict == verdict.kind && reason == verdict.reason?.code
            && team == call.who.team && feature == call.who.feature && self.requestedModel == requestedModel
            && servedModel == verdict.model
    }
}
