/// Decides, from the rows of the windows locked for it, what a replica's asks are granted.
///
/// Asks are served in order, each all or nothing, each by the first of its alternatives that fits. What is left then
/// gives each window some headroom, so that the next calls need not ask: never more than a quarter of what remains,
/// so that leases shrink as a window empties, down to single holds at the edge.
package struct GrantPlan: Sendable {
    /// How much each window's lease grows.
    package private(set) var grants: [Int64: Int64] = [:]
    /// Of each ask the alternative that is covered, or nil where none is.
    package private(set) var covered: [Int?] = []
    /// The longest hold each window's lease must outlive from now on.
    package private(set) var longestHoldSeconds: [Int64: Int64] = [:]

    /// - Parameters:
    ///   - free: what the replica's lease of each window has free already; negative where it holds more than that.
    ///   - available: what no replica has of each window; negative where it is overdrawn.
    ///   - headroom: what the replica would like beyond its needs.
    package init(asks: [LeaseAsk], free: [Int64: Int64], available: [Int64: Int64], headroom: [Int64: Int64]) {
        var free = free
        var available = available
        // What a window is overdrawn by comes out of what this replica has idle before anything is given out of it.
        for (window, amount) in available where amount < 0 {
            free[window, default: 0] += amount
            available[window] = 0
        }
        for ask in asks {
            let index = ask.alternatives.firstIndex { needs in
                needs.allSatisfy { need in
                    need.amount == 0
                        || (free[need.windowID] ?? 0) + (available[need.windowID] ?? 0) >= need.amount
                }
            }
            covered.append(index)
            guard let index else { continue }
            for need in ask.alternatives[index] {
                let window = need.windowID
                longestHoldSeconds[window] = max(longestHoldSeconds[window] ?? 0, need.holdSeconds)
                if need.amount == 0 { continue }
                let fromFree = min(free[window] ?? 0, need.amount)
                free[window] = (free[window] ?? 0) - fromFree
                grant(need.amount - fromFree, of: window, from: &available)
            }
        }
        for (window, wanted) in headroom {
            grant(max(0, min(wanted, (available[window] ?? 0) / 4)), of: window, from: &available)
        }
    }

    private mutating func grant(_ amount: Int64, of window: Int64, from available: inout [Int64: Int64]) {
        guard amount > 0 else { return }
        available[window]! -= amount
        grants[window, default: 0] += amount
    }
}
