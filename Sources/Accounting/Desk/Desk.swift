/// The decision core of one replica: calls in, verdicts out, from memory alone.
///
/// It does no I/O and reads no clock. What it cannot know it says as a `LeaseAsk`; what PostgreSQL answers comes back
/// through `learn` and `finish`. Kinds of events have files of their own (`Desk+Authorize`, `Desk+Leases`,
/// `Desk+Endings`).
package struct Desk: Sendable {
    package let replicaID: Int64
    package internal(set) var configuration: Configuration

    var accounts = AccountBook()
    var holds = HoldBook()
    var nextHoldNumber: Int64 = 1
    /// The budgets that count the call in hand; kept from call to call, so that it is not made anew for each.
    var counting = Counting()

    var tallies = VerdictTallies()
    /// Windows that have run dry and whose alert is not written yet.
    var exhausted: Set<Int64> = []
    /// On the monotonic clock; past it no hard budget admits anything.
    var fencedAfterNanoseconds: Int64 = .max
    package private(set) var isDraining = false
    let whenFenced: WhenFenced

    /// More open holds than this are refused as over capacity.
    package static let maximumOpenHolds = 1_000_000

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

    /// The counts of verdicts since the last time; they are the caller's from here on.
    package mutating func takeTallies() -> [VerdictTally] { tallies.take() }

    package mutating func putBack(_ lost: [VerdictTally]) { tallies.putBack(lost) }

    /// No new holds from now on.
    package mutating func drain() { isDraining = true }

    /// Takes over what people changed. Limits of windows come from their rows, with `learn`.
    package mutating func adopt(_ configuration: Configuration) {
        guard configuration.version >= self.configuration.version else { return }
        self.configuration = configuration
    }

    /// How a budget stands in its current window; nil where this replica has not seen the window yet.
    package mutating func state(of budget: Budget, at now: Timestamp) -> BudgetState? {
        accounts.current(ofBudget: budget.number, at: now).map { state(of: budget, accounts[place: $0]) }
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
