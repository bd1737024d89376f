/// The accounts of all windows that this replica has seen, found by window id, by budget and time, or by place.
///
/// Few windows of a budget and value are in use at once, so their accounts form a linked chain, the most recently requested
/// one first. Finding a window by its time needs no further index. Values that share a number share a chain.
struct WindowTable: Sendable {
    /// Includes closed accounts, whose places are used again.
    private var places: [WindowAccount] = []
    private var vacant: [Int] = []
    private var placesByWindow = PlaceTable()
    /// By `WindowKey.valueKey`, the head of the chain.
    private var heads = PlaceTable()
    /// By place in the scope index, the account that was last found for that budget; -1 for none. It saves most calls a
    /// lookup in `heads`. An entry may be stale, so each use checks it.
    private var recent: [Int32] = []

    var all: Range<Int> { places.indices }
    var windowIDs: some Sequence<Int64> { places.lazy.filter(\.isOpen).map(\.windowID) }
    var values: some Sequence<WindowAccount> { places.lazy.filter(\.isOpen) }

    var count: Int { places.count - vacant.count }

    func isVacant(_ place: Int) -> Bool { !places[place].isOpen }
    func place(ofWindow windowID: Int64) -> Int? { placesByWindow[windowID] }

    subscript(place place: Int) -> WindowAccount {
        _read { yield places[place] }
        _modify { yield &places[place] }
    }

    subscript(windowID: Int64) -> WindowAccount? { placesByWindow[windowID].map { places[$0] } }

    /// Changes the account of a window, if it has one.
    mutating func update(_ windowID: Int64, _ change: (inout WindowAccount) -> Void) {
        if let place = placesByWindow[windowID] { change(&places[place]) }
    }

    /// Like `current(ofBudget:at:)`, for the budget at place `index` of the scope index.
    mutating func current(ofBudget number: Int64, indexedAt index: Int, at now: Timestamp) -> Int? {
        if index < recent.count, recent[index] >= 0 {
            let place = Int(recent[index])
            if places[place].isOpen, places[place].budgetNumber == number,
                places[place].hasBegun(by: now), !places[place].isOver(by: now)
            {
                return place
            }
        }
        let place = current(ofBudget: number, at: now)
        while recent.count <= index { recent.append(-1) }
        recent[index] = place.map(Int32.init) ?? -1
        return place
    }

    /// The account of the window at `now` of a budget without wildcards; nil if this replica has not seen that window yet.
    mutating func current(ofBudget number: Int64, at now: Timestamp) -> Int? {
        current(under: UInt64(bitPattern: number), ofBudget: number, at: now, isValue: \.isNone)
    }

    /// The account of the window at `now` of the value for which `isValue` is true, and which is kept under `valueKey`; nil
    /// if this replica has not seen that window yet.
    ///
    /// A window may be known before it begins, and is not current until then. Windows never go back: if the clock does,
    /// a window that was current once stays current.
    mutating func current(
        under valueKey: UInt64, ofBudget number: Int64, at now: Timestamp, isValue: (WindowValue) -> Bool
    ) -> Int? {
        guard let head = heads[valueKey] else { return nil }
        func isOfValue(_ place: Int) -> Bool {
            places[place].budgetNumber == number && isValue(places[place].key.value)
        }
        if places[head].hasBegun(by: now), !places[head].isOver(by: now), isOfValue(head) {
            places[head].wasCurrent = true
            return head
        }
        let begun = chain(from: head).filter {
            isOfValue($0) && (places[$0].wasCurrent || places[$0].hasBegun(by: now))
        }
        guard let latest = begun.max(by: { places[$0].span.start < places[$1].span.start }),
            !places[latest].isOver(by: now)
        else { return nil }
        moveToHead(latest)
        places[latest].wasCurrent = true
        return latest
    }

    func windowID(of key: WindowKey) -> Int64? {
        guard let head = heads[key.valueKey] else { return nil }
        return chain(from: head).first { places[$0].key == key }.map { places[$0].windowID }
    }

    mutating func open(_ account: WindowAccount) {
        var account = account
        let valueKey = account.key.valueKey
        account.next = heads[valueKey]
        let place: Int
        if let reused = vacant.popLast() {
            place = reused
            places[place] = account
        } else {
            place = places.count
            places.append(account)
        }
        placesByWindow[account.windowID] = place
        heads[valueKey] = place
    }

    mutating func close(_ place: Int) {
        moveToHead(place)
        heads[places[place].key.valueKey] = places[place].next
        placesByWindow[places[place].windowID] = nil
        places[place].isOpen = false
        // The text of a value may be long, and the place may stay vacant.
        places[place].key.value = .none
        vacant.append(place)
    }

    /// Gives a window another key. All that it has stays.
    mutating func rename(_ place: Int, to key: WindowKey) {
        moveToHead(place)
        heads[places[place].key.valueKey] = places[place].next
        places[place].key = key
        places[place].next = heads[key.valueKey]
        heads[key.valueKey] = place
    }

    private func chain(from head: Int) -> some Sequence<Int> {
        sequence(first: head) { places[$0].next }
    }

    private mutating func moveToHead(_ place: Int) {
        let valueKey = places[place].key.valueKey
        guard let head = heads[valueKey], head != place else { return }
        let before = chain(from: head).first { places[$0].next == place }!
        places[before].next = places[place].next
        places[place].next = head
        heads[valueKey] = place
    }
}
