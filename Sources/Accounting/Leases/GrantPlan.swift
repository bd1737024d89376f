/// Decides, from the rows of the windows locked for it, what a replica's asks are granted.
///
/// Asks are served in order, each all or nothing, each by the first of its alternatives that fits. An alternative that
/// would fit if other replicas gave back what they have idle has it called back first. What is left then gives each
/// window some headroom, so that the next calls need not ask: never more than a quarter of what remains, so that leases
/// shrink as a window empties, down to single holds at the edge, and none where somebody waits for money.
package struct GrantPlan: Sendable {
    /// How one ask came out.
    package enum Answer: Hashable, Sendable {
        /// The first alternative there is money for.
        case covered(Int)
        /// Idle leases are being called back: by window, the recall to wait for.
        case waits([Int64: Int64])
        /// There is no money for it, idle leases included.
        case short
    }

    /// How much each window's lease grows.
    package private(set) var grants: [Int64: Int64] = [:]
    /// In the order of the asks.
    package private(set) var answers: [Answer] = []
    /// The longest hold each window's lease must outlive from now on.
    package private(set) var longestHoldSeconds: [Int64: Int64] = [:]
    /// Windows whose idle leases are called back by this plan.
    package private(set) var recalled: Set<Int64> = []

    private var free: [Int64: Int64]
    private var available: [Int64: Int64] = [:]
    private let windows: [Int64: WindowFacts]

    /// - Parameters:
    ///   - windows: the rows, before anything is granted or given back.
    ///   - standing: what the replica has free, gives back and would like beyond its needs.
    package init(asks: [LeaseAsk], windows: [WindowFacts], standing: Desk.LeaseStanding) {
        free = standing.free
        self.windows = Dictionary(uniqueKeysWithValues: windows.map { ($0.windowID, $0) })
        for window in windows {
            let id = window.windowID
            let left = window.limit - window.spent - window.leased + (standing.givenBack[id] ?? 0)
            available[id] = max(0, left)
            // What a window is overdrawn by comes out of what this replica has idle before anything is given out of it.
            if left < 0 { free[id, default: 0] += left }
        }
        for ask in asks { answers.append(serve(ask)) }
        for (window, wanted) in standing.headroom where !isWanted(window) {
            grant(max(0, min(wanted, (available[window] ?? 0) / 4)), of: window)
        }
    }

    /// Whether somebody waits for money of this window, here or elsewhere.
    private func isWanted(_ window: Int64) -> Bool {
        recalled.contains(window) || windows[window]?.isRecallUnderWay == true
    }

    private mutating func serve(_ ask: LeaseAsk) -> Answer {
        for (index, needs) in ask.alternatives.enumerated() {
            let short = needs.filter { $0.amount > 0 && within($0.windowID) < $0.amount }
            if short.isEmpty {
                for need in needs { take(need) }
                return .covered(index)
            }
            if short.allSatisfy({ within($0.windowID) + (windows[$0.windowID]?.leasedByLive ?? 0) >= $0.amount }) {
                let recalls = callBack(short.map(\.windowID), ask)
                if !recalls.isEmpty { return .waits(recalls) }
            }
        }
        return .short
    }

    private func within(_ window: Int64) -> Int64 { (free[window] ?? 0) + (available[window] ?? 0) }

    private mutating func take(_ need: LeaseAsk.Need) {
        let window = need.windowID
        longestHoldSeconds[window] = max(longestHoldSeconds[window] ?? 0, need.holdSeconds)
        if need.amount == 0 { return }
        let fromFree = min(free[window] ?? 0, need.amount)
        free[window] = (free[window] ?? 0) - fromFree
        grant(need.amount - fromFree, of: window)
    }

    /// The recalls that `ask` must still wait for. One at a time is under way for a window; an ask that comes later than
    /// the beginning of one waits for the next, since leases may have become idle after they were answered for.
    private mutating func callBack(_ short: [Int64], _ ask: LeaseAsk) -> [Int64: Int64] {
        var waits: [Int64: Int64] = [:]
        for id in short {
            guard let window = windows[id] else { continue }
            let awaited = ask.recalls[id] ?? window.recall + 1
            guard window.recall < awaited || window.recall == awaited && window.isRecallUnderWay else { continue }
            waits[id] = awaited
            if !window.isRecallUnderWay { recalled.insert(id) }
        }
        return waits
    }

    private mutating func grant(_ amount: Int64, of window: Int64) {
        guard amount > 0 else { return }
        available[window]! -= amount
        grants[window, default: 0] += amount
    }
}
