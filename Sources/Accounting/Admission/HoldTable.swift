/// The open holds of this replica, found by number, by request, or by the second in which they expire.
struct HoldTable: Sendable {
    private var places = SlotMap<OpenHold>()
    private var placesByNumber = PlaceTable()
    /// By the hash of a request, the newest hold with that hash.
    private var placesByRequest = PlaceTable()
    private var wheel = ExpiryWheel()

    var count: Int { places.count }
    var isEmpty: Bool { count == 0 }
    var values: some Sequence<OpenHold> { places.occupied }

    /// The place of this very hold. A hold that another past of the database has numbered the same has none.
    func place(of hold: Hold) -> Int? {
        placesByNumber[hold.id.number].flatMap { places[$0].hold.isSame(as: hold) ? $0 : nil }
    }
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
            if hold.requestID == call.requestID, hold.who.callersTeam == call.who.callersTeam { return candidate }
            place = places[candidate].sameHash
        }
        return nil
    }

    mutating func add(_ open: consuming OpenHold) {
        let (number, requestHash, expiresAt) = (open.hold.id.number, open.requestHash, open.expiresAt)
        let place = places.put(open)
        placesByNumber[number] = place
        places[place].sameHash = placesByRequest.put(place, for: requestHash)
        wheel.add(place, dueAt: expiresAt)
    }

    /// The place of a hold that is due by `now`, on the monotonic clock.
    mutating func firstDue(by now: Timestamp) -> Int? { wheel.firstDue(by: now) }

    mutating func postpone(_ place: Int, until moment: Timestamp) {
        wheel.remove(place)
        wheel.add(place, dueAt: moment)
    }

    /// Lets a hold expire `microseconds` after `now`, unless it expires later already.
    mutating func extend(_ place: Int, byMicroseconds microseconds: Int64, at now: Moment) {
        let expiresAt = Timestamp(microseconds: now.monotonic.microseconds.plus(microseconds))
        guard expiresAt > places[place].expiresAt else { return }
        places[place].expiresAt = expiresAt
        places[place].verdict = places[place].verdict.expiring(
            at: Timestamp(microseconds: now.wall.microseconds.plus(microseconds)))
        postpone(place, until: expiresAt)
    }

    /// How many holds are looked at to find one of a window: a denial must not take longer the more calls are in flight.
    private static let maximumSearched = 512

    /// When the next hold that charges a window expires, on the monotonic clock. If very many others expire before, the
    /// result is when the last of those does: not before that.
    func nextExpiry(inWindow windowID: Int64) -> Timestamp? {
        wheel.nextDue(atMost: Self.maximumSearched) { place in
            places[place].hold.charges.contains { $0.windowID == windowID }
        }
    }

    mutating func remove(_ place: Int) -> OpenHold {
        wheel.remove(place)
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
