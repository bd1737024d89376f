/// The open holds of this replica, found by number, by request, or by the second in which they expire.
///
/// Expiry uses a timing wheel of seconds. Adding or removing a hold changes two links, and a settled hold leaves
/// nothing behind. A heap would keep every hold until it expires: some fourteen million at 23,000 calls a second.
struct HoldTable: Sendable {
    /// No hold lives longer than an hour. If the clock jumps, some holds wait for another turn of the wheel.
    private static let wheelSeconds = 4096

    private var places = SlotMap<OpenHold>()
    private var placesByNumber: [Int64: Int] = [:]
    /// By the hash of a request, the newest hold with that hash.
    private var placesByRequest: [UInt64: Int] = [:]
    /// By second modulo `wheelSeconds`, the first of the holds that are due in it.
    private var wheel = [Int?](repeating: nil, count: wheelSeconds)
    /// No hold is due before this second.
    private var firstSecond: Int64 = .max

    var count: Int { places.count }
    var isEmpty: Bool { count == 0 }
    var values: some Sequence<OpenHold> { places.occupied }

    func place(of hold: Hold) -> Int? { placesByNumber[hold.id.number] }
    func place(ofNumber number: Int64) -> Int? { placesByNumber[number] }

    subscript(place: Int) -> OpenHold {
        _read { yield places[place] }
        _modify { yield &places[place] }
    }

    /// The newest hold for `call`. `requestHash` is the hash of the call's request.
    func place(of call: Call, requestHash: UInt64) -> Int? {
        var place = placesByRequest[requestHash]
        while let candidate = place {
            let hold = places[candidate].hold
            if hold.requestID == call.requestID, hold.who.team == call.who.team { return candidate }
            place = places[candidate].sameHash
        }
        return nil
    }

    mutating func add(_ open: consuming OpenHold) {
        let (number, requestHash, expiresAt) = (open.hold.id.number, open.requestHash, open.hold.expiresAt)
        let place = places.put(open)
        placesByNumber[number] = place
        places[place].sameHash = placesByRequest.updateValue(place, forKey: requestHash)
        schedule(place, at: expiresAt)
    }

    mutating func remove(_ place: Int) -> OpenHold {
        unschedule(place)
        let open = places.take(place)
        placesByNumber[open.hold.id.number] = nil
        // A newer hold may have been made under the same request id after this one expired.
        if let last = placesByRequest[open.requestHash], last != place {
            var newer = last
            while let next = places[newer].sameHash, next != place { newer = next }
            places[newer].sameHash = open.sameHash
        } else {
            placesByRequest[open.requestHash] = open.sameHash
        }
        return open
    }
}

extension HoldTable {
    /// The place of a hold that is due by `now`.
    mutating func firstDue(by now: Timestamp) -> Int? {
        let last = now.seconds
        // One turn of the wheel visits every hold, so the search need not start earlier.
        if firstSecond < last { firstSecond = max(firstSecond, last - Int64(Self.wheelSeconds) + 1) }
        while firstSecond <= last, count > 0 {
            var place = wheel[Self.index(firstSecond)]
            while let candidate = place, places[candidate].dueSecond > last { place = places[candidate].after }
            if let place { return place }
            firstSecond += 1
        }
        return nil
    }

    mutating func postpone(_ place: Int, until moment: Timestamp) {
        unschedule(place)
        schedule(place, at: moment)
    }

    /// When the next hold expires.
    var nextExpiry: Timestamp? {
        guard count > 0 else { return nil }
        let turn = firstSecond..<(firstSecond + Int64(Self.wheelSeconds))
        return turn.first { wheel[Self.index($0)] != nil }.map(Timestamp.init(seconds:))
    }

    private mutating func schedule(_ place: Int, at moment: Timestamp) {
        let second = Timestamp(microseconds: moment.microseconds + 999_999).seconds
        let index = Self.index(second)
        places[place].dueSecond = second
        places[place].before = nil
        places[place].after = wheel[index]
        if let first = wheel[index] { places[first].before = place }
        wheel[index] = place
        firstSecond = min(firstSecond, second)
    }

    private mutating func unschedule(_ place: Int) {
        let (before, after) = (places[place].before, places[place].after)
        if let after { places[after].before = before }
        if let before {
            places[before].after = after
        } else {
            wheel[Self.index(places[place].dueSecond)] = after
        }
    }

    private static func index(_ second: Int64) -> Int { Int(truncatingIfNeeded: second) & (wheelSeconds - 1) }
}
