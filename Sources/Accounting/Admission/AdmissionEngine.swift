/// The decision core of one replica. It takes calls and returns verdicts, from memory alone.
///
/// The engine does no I/O and reads no clock. If it needs something from PostgreSQL, it returns a `LeaseAsk`; the
/// answer comes back through `learn` and `finish`. Each kind of event has a file of its own
/// (`AdmissionEngine+Authorize`, `AdmissionEngine+Leases`, `AdmissionEngine+Endings`).
package struct AdmissionEngine: Sendable {
    package let replicaID: Int64
    package internal(set) var configuration: Configuration

    var accounts = WindowTable()
    /// What batches have left of windows that this replica does not know yet, by their ids.
    var committedAhead: [Int64: WindowAccount.Row] = [:]
    var holds = HoldTable()
    var nextHoldNumber: Int64 = 1
    var settledRequests = SettledRequests()
    /// The budgets that match the current call. The value is reused from call to call to avoid allocations.
    var matched = MatchedBudgets()

    var verdictCounts = VerdictCounts()
    package var verdictLog: VerdictLog
    /// Windows that are exhausted and whose alert is not written yet.
    var exhausted: Set<Int64> = []
    /// Windows for whose money calls wait on this replica.
    var awaitedWindows: Set<Int64> = []
    /// Windows to open in the background. No call waits for them.
    var unopened: Set<WindowKey> = []
    /// On the monotonic clock. Once it has passed, the replica is fenced and `fencedPolicy` decides what it admits.
    var fencedAfterNanoseconds: Int64 = .max
    package private(set) var isDraining = false
    /// Whether reasons and warnings have their sentences. A replay reads none of them, and would take twice as long.
    package var writesSentences = true
    let fencedPolicy: FencedPolicy
    package let callLimits: CallLimits

    /// The most open holds. The engine refuses further calls as over capacity.
    package static let maximumOpenHolds = 1_000_000

    package init(
        replicaID: Int64, configuration: Configuration, fencedPolicy: FencedPolicy = FencedPolicy(),
        callLimits: CallLimits = .standard
    ) {
        self.replicaID = replicaID
        self.configuration = configuration
        self.fencedPolicy = fencedPolicy
        self.callLimits = callLimits
        verdictLog = VerdictLog(replicaID: replicaID)
    }

    func sentence(_ text: @autoclosure () -> String) -> String { writesSentences ? text() : "" }

    package var openHoldCount: Int { holds.count }
    /// How many windows are in memory.
    package var windowCount: Int { accounts.count }

    package var openHolds: [Hold] { holds.values.map(\.hold) }

    /// The open holds, each with the time until it expires, in microseconds; negative if it is due.
    package func expiries(at now: Moment) -> [(hold: Hold, inMicroseconds: Int64)] {
        holds.values.map { ($0.hold, $0.expiresAt.microseconds - now.monotonic.microseconds) }
    }

    /// By window, the part of the lease that open holds need, including the overruns that settlements under way have
    /// reserved.
    package var heldInLeases: [Int64: Int64] {
        var held: [Int64: Int64] = [:]
        for open in holds.values {
            for charge in open.hold.charges where charge.isLeased {
                held[charge.windowID, default: 0].increase(
                    by: charge.amount.plus(open.reservedOverrun[charge.windowID, default: 0]))
            }
        }
        return held
    }

    /// A copy of this engine without leases and holds, for a replica that registers again. Its counts are kept.
    package func startingAnew(as replicaID: Int64) -> AdmissionEngine {
        var engine = AdmissionEngine(
            replicaID: replicaID, configuration: configuration, fencedPolicy: fencedPolicy, callLimits: callLimits)
        // Hold tokens are encrypted under these numbers, so one start of a server must never use a number twice.
        engine.nextHoldNumber = nextHoldNumber
        engine.verdictCounts = verdictCounts
        engine.verdictLog = verdictLog.startingAnew(as: replicaID)
        engine.exhausted = exhausted
        engine.settledRequests = settledRequests
        engine.isDraining = isDraining
        return engine
    }

    /// Returns the verdict counts since the last call of this method and clears them. The caller must write them or
    /// return them with `putBack`.
    package mutating func takeVerdictCounts() -> [VerdictCount] { verdictCounts.take() }

    package mutating func putBack(_ lost: [VerdictCount]) { verdictCounts.add(lost) }

    package mutating func putBack(_ lost: VerdictNotes) {
        verdictCounts.add(lost.counts)
        verdictLog.putBack(lost.pages)
    }

    /// Stops making new holds.
    package mutating func drain() { isDraining = true }

    /// Adopts a changed configuration. The limits of windows come from their rows instead, through `learn`.
    package mutating func adopt(_ configuration: Configuration) {
        self.configuration = configuration
    }

    /// The state of a budget in its current window, of `value` if it has a window for each; nil if this replica has not
    /// seen the window yet.
    package mutating func state(of budget: Budget, value: WindowValue = .none, at now: Timestamp) -> BudgetState? {
        let key = WindowKey(budgetNumber: budget.number, span: budget.window(containing: now), value: value)
        return accounts.current(under: key.valueKey, ofBudget: budget.number, at: now) { $0 == value }
            .map { state(of: budget, accounts[place: $0]) }
    }

    /// By number, what this replica holds in the windows at `now` of budgets that have one for each value.
    package func held(ofValuesOf budgets: Set<Int64>, at now: Timestamp) -> [Int64: Int64] {
        var held = Dictionary(uniqueKeysWithValues: budgets.map { ($0, Int64(0)) })
        for account in accounts.values where budgets.contains(account.budgetNumber) && !account.isOver(by: now) {
            held[account.budgetNumber, default: 0].increase(by: account.held)
        }
        return held
    }

    package func held(inWindow windowID: Int64) -> Int64 { accounts[windowID]?.held ?? 0 }

    func state(of budget: Budget, _ account: WindowAccount) -> BudgetState {
        BudgetState(
            budget: budget, value: account.key.value, span: account.span, resetsAt: account.resetsAt,
            limit: account.limit, spent: account.spent,
            held: account.held.plus(account.leasedByGone), revision: account.revision)
    }
}

/// The current time, both on the wall clock and on a clock that never jumps.
///
/// The wall clock says which window a call belongs to, and what people are told. How long something lasts is measured by
/// the other: a hold, an idle lease, the lease time. So a wall clock that is set right neither ends nor prolongs them.
package struct Moment: Sendable {
    package let wall: Timestamp
    package let monotonicNanoseconds: Int64

    package init(wall: Timestamp, monotonicNanoseconds: Int64) {
        self.wall = wall
        self.monotonicNanoseconds = monotonicNanoseconds
    }

    /// The time on the clock that never jumps, since its own beginning.
    package var monotonic: Timestamp { Timestamp(microseconds: monotonicNanoseconds / 1_000) }
}
