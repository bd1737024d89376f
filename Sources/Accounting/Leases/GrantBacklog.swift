/// All that waits for a grant batch.
///
/// A batch takes a bounded part, so that its transaction locks few windows and soon answers those who wait. Each kind has
/// places of its own, so that none keeps another waiting.
struct GrantBacklog: Sendable {
    static let maximumAsks = 512
    /// The most windows that the asks of a batch name together. A single ask may name more.
    static let maximumAskedWindows = 256
    static let maximumRevoked = 128
    static let maximumTopUps = 64
    static let maximumOpens = 128
    static let maximumReturns = 128

    var waiting: [LeaseQueue.Waiter] = []
    var topUps: Set<Int64> = []
    var revoked: Set<Int64> = []
    /// Money that has already left the leases in memory.
    var givenBack: [Int64: Int64] = [:]
    /// Windows to open for no call that waits.
    var opens: Set<WindowKey> = []

    var isEmpty: Bool {
        waiting.isEmpty && topUps.isEmpty && revoked.isEmpty && givenBack.isEmpty && opens.isEmpty
    }

    mutating func giveBack(_ amounts: [Int64: Int64]) {
        givenBack.merge(amounts, uniquingKeysWith: { $0.plus($1) })
    }

    /// Takes out what the next batch sends.
    mutating func takePortion() -> GrantBacklog {
        var portion = GrantBacklog()
        let asked = takeWaiting(into: &portion)
        portion.topUps = Self.take(Self.maximumTopUps, of: &topUps)
        portion.revoked = Self.take(Self.maximumRevoked, of: &revoked)
        portion.opens = Self.take(Self.maximumOpens, of: &opens)
        // What PostgreSQL decides on a window counts all money that this replica has taken out of its lease there.
        for window in asked.union(portion.topUps).union(portion.revoked) {
            portion.givenBack[window] = givenBack.removeValue(forKey: window)
        }
        for window in Array(givenBack.keys.prefix(Self.maximumReturns)) {
            portion.givenBack[window] = givenBack.removeValue(forKey: window)
        }
        return portion
    }

    /// Returns the windows whose money the asks want.
    private mutating func takeWaiting(into portion: inout GrantBacklog) -> Set<Int64> {
        var asked: Set<Int64> = []
        var opened: Set<WindowKey> = []
        var count = 0
        for waiter in waiting.prefix(Self.maximumAsks) {
            let wanted = Set(waiter.ask.alternatives.lazy.joined().map(\.windowID)).subtracting(asked)
            let missing = Set(waiter.ask.opens).subtracting(opened)
            let windows = asked.count + wanted.count + opened.count + missing.count
            let isAsked = wanted.isEmpty && missing.isEmpty
            if count > 0, !isAsked, windows > Self.maximumAskedWindows { break }
            asked.formUnion(wanted)
            opened.formUnion(missing)
            count += 1
        }
        portion.waiting = Array(waiting.prefix(count))
        waiting.removeFirst(count)
        return asked
    }

    private static func take<Element>(_ most: Int, of set: inout Set<Element>) -> Set<Element> {
        guard set.count > most else {
            defer { set = [] }
            return set
        }
        let taken = Set(set.prefix(most))
        set.subtract(taken)
        return taken
    }
}
