/// The accounts of all windows this replica has seen, found by a window's id, by budget and time, or by place.
///
/// A budget has few windows that are not over and done, so those of one budget are a chain, the one asked for last first.
/// Nothing else needs to be kept to find a window by its time.
struct AccountBook: Sendable {
    /// Also those that were closed, whose places are used again.
    private var places: [WindowAccount] = []
    private var vacant: [Int] = []
    private var placesByWindow: [Int64: Int] = [:]
    /// By number of the budget, the head of its chain.
    private var heads: [Int64: Int] = [:]
    /// By place in the index of scopes, the account that was found last for the budget there; -1 for none. It saves most
    /// calls a look at `heads`, and is wrong at worst: what it says is checked.
    private var recent: [Int32] = []

    var all: Range<Int> { places.indices }
    var windowIDs: some Sequence<Int64> { placesByWindow.keys }
    var values: some Sequence<WindowAccount> { places.lazy.filter(\.isOpen) }

    func isVacant(_ place: Int) -> Bool { !places[place].isOpen }
    func place(ofWindow windowID: Int64) -> Int? { placesByWindow[windowID] }

    subscript(place place: Int) -> WindowAccount {
        _read { yield places[place] }
        _modify { yield &places[place] }
    }

    subscript(windowID: Int64) -> WindowAccount? { placesByWindow[windowID].map { places[$0] } }

    /// Changes the account of a window where there is one.
    mutating func update(_ windowID: Int64, _ change: (inout WindowAccount) -> Void) {
        if let place = placesByWindow[windowID] { change(&places[place]) }
    }

    /// As `current(ofBudget:at:)`, of the budget at a place in the index of scopes.
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

    /// The account of the window that a budget is in at `now`; nil where this replica has not seen it yet.
    ///
    /// Windows never go back: a clock that does keeps the later one.
    mutating func current(ofBudget number: Int64, at now: Timestamp) -> Int? {
        guard let head = heads[number] else { return nil }
        if places[head].hasBegun(by: now), !places[head].isOver(by: now) { return head }
        let latest = chain(from: head).max { places[$0].span.start < places[$1].span.start }!
        moveToHead(latest)
        return places[latest].isOver(by: now) ? nil : latest
    }

    func windowID(of key: WindowKey) -> Int64? {
        guard let head = heads[key.budgetNumber] else { return nil }
        return chain(from: head).first { places[$0].span == key.span }.map { places[$0].windowID }
    }

    mutating func open(_ account: WindowAccount) {
        var account = account
        account.next = heads[account.budgetNumber]
        let place: Int
        if let reused = vacant.popLast() {
            place = reused
            places[place] = account
        } else {
            place = places.count
            places.append(account)
        }
        placesByWindow[account.windowID] = place
        heads[account.budgetNumber] = place
    }

    mutating func close(_ place: Int) {
        moveToHead(place)
        heads[places[place].budgetNumber] = places[place].next
        placesByWindow[places[place].windowID] = nil
        places[place].isOpen = false
        vacant.append(place)
    }

    private func chain(from head: Int) -> some Sequence<Int> {
        sequence(first: head) { places[$0].next }
    }

    private mutating func moveToHead(_ place: Int) {
        let number = places[place].budgetNumber
        guard let head = heads[number], head != place else { return }
        let before = chain(from: head).first { places[$0].next == place }!
        places[before].next = places[place].next
        places[place].next = head
        heads[number] = place
    }
}
