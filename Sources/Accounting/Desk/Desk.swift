import HeapModule

/// The decision core of one replica: calls in, verdicts out, from memory alone.
///
/// It does no I/O and reads no clock. What it cannot know it says as a `LeaseAsk`; what PostgreSQL answers comes back
/// through `learn` and `finish`. Kinds of events have files of their own (`Desk+Authorize`, `Desk+Leases`,
/// `Desk+Endings`).
package struct Desk: Sendable {
    package let replicaID: Int64
    package internal(set) var configuration: Configuration

    var accounts: [Int64: WindowAccount] = [:]
    var windowIDs: [WindowKey: Int64] = [:]
    var spans: [SpanKey: WindowSpan] = [:]

    var holds: [Int64: OpenHold] = [:]
    var holdNumbers: [RequestKey: Int64] = [:]
    var expiries = Heap<Expiry>()
    var nextHoldNumber: Int64 = 1

    var tallies: [VerdictTally.Key: Int64] = [:]
    /// Windows that have run dry and whose alert is not written yet.
    var exhausted: Set<Int64> = []
    /// On the monotonic clock; past it no hard budget admits anything.
    var fencedAfterNanoseconds: Int64 = .max
    package private(set) var isDraining = false
    let whenFenced: WhenFenced

    /// More open holds than this are refused as over capacity.
    package static let maximumOpenHolds = 1_000_000

    struct SpanKey: Hashable {
        let period: Period
        let zone: Zone
    }

    struct RequestKey: Hashable {
        let team: String
        let requestID: String
    }

    struct Expiry: Comparable {
        let expiresAt: Timestamp
        let holdNumber: Int64

        static func < (left: Expiry, right: Expiry) -> Bool {
            (left.expiresAt, left.holdNumber) < (right.expiresAt, right.holdNumber)
        }
    }

    /// A hold this replica made and whose end is not yet committed.
    struct OpenHold {
        let hold: Hold
        let verdict: Verdict
        /// Tells a repeated request from another one under the same id.
        let fingerprint: Int
        /// How many ends of it are on the way to PostgreSQL.
        var endsUnderWay = 0
        /// What an overrun took out of the lease on top of the hold, by window.
        var securedOverrun: [Int64: Int64] = [:]
    }

    package init(replicaID: Int64, configuration: Configuration, whenFenced: WhenFenced = WhenFenced()) {
        self.replicaID = replicaID
        self.configuration = configuration
        self.whenFenced = whenFenced
    }

    package var openHoldCount: Int { holds.count }

    package var openHolds: [Hold] { holds.values.map(\.hold) }

    /// By window, what its open holds need of the lease: with what ends on their way have secured beyond them.
    package var heldInLeases: [Int64: Int64] {
        var held: [Int64: Int64] = [:]
        for open in holds.values {
            for charge in open.hold.charges where charge.isLeased {
                held[charge.windowID, default: 0] += charge.amount + open.securedOverrun[charge.windowID, default: 0]
            }
        }
        return held
    }

    /// The same desk with no leases and no holds, for a replica that registers again. What was counted stays counted.
    package func startingAnew(as replicaID: Int64) -> Desk {
        var desk = Desk(replicaID: replicaID, configuration: configuration, whenFenced: whenFenced)
        // Hold ids are sealed under numbers that must never come twice from one start of a server.
        desk.nextHoldNumber = nextHoldNumber
        desk.tallies = tallies
        desk.exhausted = exhausted
        desk.isDraining = isDraining
        return desk
    }

    /// No new holds from now on.
    package mutating func drain() { isDraining = true }

    /// Takes over what people changed. Limits of windows come from their rows, with `learn`.
    package mutating func adopt(_ configuration: Configuration) {
        guard configuration.version >= self.configuration.version else { return }
        self.configuration = configuration
    }

    /// The window of `budget` at `now`. Budgets of one period and zone share it, so it is worked out once each.
    mutating func currentSpan(of budget: Budget, at now: Timestamp) -> WindowSpan {
        let key = SpanKey(period: budget.period, zone: budget.zone)
        if let span = spans[key], span.contains(now) { return span }
        let span = budget.window(containing: now)
        // Windows never go back: a clock that does keeps the later one.
        if let known = spans[key], known.start > span.start { return known }
        spans[key] = span
        return span
    }

    /// How a budget stands in its current window; nil where this replica has not seen the window yet.
    package mutating func state(of budget: Budget, at now: Timestamp) -> BudgetState? {
        let span = currentSpan(of: budget, at: now)
        guard let id = windowIDs[WindowKey(budgetNumber: budget.number, span: span)] else { return nil }
        return accounts[id].map { state(of: budget, $0) }
    }

    func state(of budget: Budget, _ account: WindowAccount) -> BudgetState {
        BudgetState(
            budget: budget, span: account.span, limit: account.limit, spent: account.spent,
            held: account.held + account.leasedByGone, revision: account.revision)
    }
}

/// What time it is, on the clock people read and on one that never jumps.
package struct Moment: Sendable {
    package let wall: Timestamp
    package let monotonicNanoseconds: Int64

    package init(wall: Timestamp, monotonicNanoseconds: Int64) {
        self.wall = wall
        self.monotonicNanoseconds = monotonicNanoseconds
    }
}
