/// Decides what a replica's asks are granted, from the locked rows of their windows.
///
/// Asks are served in order. Each ask gets the first of its alternatives that fits. If an alternative would fit once other
/// replicas gave back their idle money, those idle leases are revoked first. An alternative that takes a smaller answer
/// gets what is there, up to its full amount; any other gets all it needs or nothing. Of the
/// money that remains, each window gets some headroom, so that the next calls need not ask. Headroom is at most a
/// quarter of what remains, so leases shrink as a window empties, down to single holds near the limit. A window whose
/// money somebody waits for gets no headroom.
package struct Allocation: Sendable {
    /// The outcome of one ask.
    package enum Answer: Hashable, Sendable {
        /// There is enough money for this alternative, the first one that fits.
        case covered(Int)
        /// Idle leases are being revoked. By window, the revocation to wait for.
        case waits([Int64: Int64])
        /// There is too little money, even with all idle leases.
        case short
    }

    /// How much each window's lease grows.
    package private(set) var grants: [Int64: Int64] = [:]
    /// In the order of the asks.
    package private(set) var answers: [Answer] = []
    /// The longest hold each window's lease must outlive from now on.
    package private(set) var longestHoldSeconds: [Int64: Int64] = [:]
    /// Windows whose idle leases this allocation revokes.
    package private(set) var revoked: Set<Int64> = []

    private var free: [Int64: Int64]
    private var available: [Int64: Int64] = [:]
    private let windows: [Int64: WindowFacts]

    /// - Parameters:
    ///   - windows: the rows before anything is granted or given back.
    ///   - unlocked: windows whose rows are not locked, because a revocation is under way there. Nothing of them is granted.
    ///   - snapshot: the replica's free money, the money it gives back, and the headroom it wants.
    package init(
        asks: [LeaseAsk], windows: [WindowFacts], unlocked: Set<Int64> = [], snapshot: AdmissionEngine.LeaseSnapshot
    ) {
        free = snapshot.free
        self.windows = Dictionary(uniqueKeysWithValues: windows.map { ($0.windowID, $0) })
        for window in windows {
            let id = window.windowID
            let left = window.limit.minus(window.spent).minus(window.leased).plus(snapshot.givenBack[id] ?? 0)
            available[id] = max(0, left)
            // If the window is overdrawn, the replica's idle money covers the deficit before any of it is used.
            if left < 0 { free[id, default: 0].increase(by: left) }
        }
        for ask in asks {
            let mustWait = !ask.isDryRun && ask.alternatives.joined().contains { unlocked.contains($0.windowID) }
            let answer = mustWait ? .waits(ask.revocations) : serve(ask)
            answers.append(answer)
            if ask.keepsPlace { keepPlace(of: ask, answer) }
        }
        for (window, wanted) in snapshot.headroom where !isWanted(window) && !unlocked.contains(window) {
            grant(max(0, min(wanted, (available[window] ?? 0) / 4)), of: window)
        }
    }

    /// Whether somebody waits for money of this window, on this replica or another.
    private func isWanted(_ window: Int64) -> Bool {
        revoked.contains(window) || windows[window]?.isRevocationUnderWay == true
    }

    private mutating func serve(_ ask: LeaseAsk) -> Answer {
        if ask.isDryRun {
            let index = ask.alternatives.firstIndex { $0.allSatisfy { isObtainable($0.amount, of: $0.windowID) } }
            return index.map(Answer.covered) ?? .short
        }
        for (index, needs) in ask.alternatives.enumerated() {
            let short = needs.filter { $0.fullAmount > 0 && within($0.windowID) < $0.fullAmount }
            if ask.callsBack, !short.isEmpty, needs.allSatisfy({ isObtainable($0.amount, of: $0.windowID) }) {
                let revocations = callBack(short.map(\.windowID), ask)
                if !revocations.isEmpty { return .waits(revocations) }
            }
            if short.allSatisfy({ $0.amount == 0 || within($0.windowID) >= $0.amount }) {
                for need in needs { take(need) }
                return .covered(index)
            }
        }
        return .short
    }

    /// Keeps what `ask` waits for from the asks behind it, and from headroom.
    private mutating func keepPlace(of ask: LeaseAsk, _ answer: Answer) {
        if case .covered = answer { return }
        for (window, amount) in ask.leastNeeds {
            let fromFree = min(max(0, free[window] ?? 0), amount)
            free[window, default: 0].decrease(by: fromFree)
            let left = available[window] ?? 0
            available[window] = left.minus(min(left, amount.minus(fromFree)))
        }
    }

    private func within(_ window: Int64) -> Int64 { (free[window] ?? 0).plus(available[window] ?? 0) }

    /// Whether there would be enough money once other replicas gave back all that they may have idle.
    private func isObtainable(_ amount: Int64, of window: Int64) -> Bool {
        amount == 0 || within(window).plus(windows[window]?.leasedByLive ?? 0) >= amount
    }

    private mutating func take(_ need: LeaseAsk.Need) {
        let window = need.windowID
        longestHoldSeconds[window] = max(longestHoldSeconds[window] ?? 0, need.holdSeconds)
        let amount = min(need.fullAmount, max(need.amount, within(window)))
        if amount == 0 { return }
        let fromFree = min(free[window] ?? 0, amount)
        free[window, default: 0].decrease(by: fromFree)
        grant(amount.minus(fromFree), of: window)
    }

    /// The revocations that `ask` must still wait for. A window has one revocation under way at a time. An ask that
    /// comes after a revocation began waits for the next one, because leases may have become idle after their replicas
    /// answered.
    private mutating func callBack(_ short: [Int64], _ ask: LeaseAsk) -> [Int64: Int64] {
        var waits: [Int64: Int64] = [:]
        for id in short {
            guard let window = windows[id], window.leasedByLive > 0 else { continue }
            let awaited = ask.revocations[id] ?? window.revocation + 1
            guard window.revocation < awaited || window.revocation == awaited && window.isRevocationUnderWay else {
                continue
            }
            waits[id] = awaited
            if !window.isRevocationUnderWay { revoked.insert(id) }
        }
        return waits
    }

    private mutating func grant(_ amount: Int64, of window: Int64) {
        guard amount > 0 else { return }
        available[window, default: 0].decrease(by: amount)
        grants[window, default: 0].increase(by: amount)
    }
}
