extension AdmissionEngine {
    /// A lease covers about this many seconds of spending at the current rate.
    private static let headroomSeconds: Int64 = 5
    /// A lease that was unused for this long is given back. Other replicas that need the money revoke it earlier; this
    /// limit keeps small the amount that a dead server blocks for a while.
    private static let idleSeconds: Int64 = 10
    /// A window of a value of which there may be very many, such as a run, is forgotten after this long without a call.
    private static let idleValueSeconds: Int64 = 60

    /// What `Allocation` needs to know about this replica for one grant batch, by window.
    package struct LeaseSnapshot: Sendable {
        /// What calls may take without asking. Negative if a budget became hard while calls were in flight; the next
        /// grant then covers these calls too.
        package var free: [Int64: Int64] = [:]
        /// How much to request beyond the needs of the waiting calls.
        package var headroom: [Int64: Int64] = [:]
        /// Idle money that the batch gives back. It has already left this replica's lease in memory, so it cannot be
        /// spent.
        package var givenBack: [Int64: Int64] = [:]
        /// Windows whose revocation this batch answers. `givenBack` contains all their idle money.
        package var revoked: Set<Int64> = []
        /// Rolling windows among those that money is asked of: what has left them is taken out first.
        package var rolling: Set<Int64> = []

        package init() {}
    }

    /// Starts a grant batch for `asks` and `topUps`. Returns the money that is free in their windows and how much more
    /// to request. All idle money in `revoked` windows is given back, so that these asks or those of other replicas get
    /// it.
    package mutating func beginGrantBatch(
        _ asks: [LeaseAsk], topUps: Set<Int64> = [], revoked: Set<Int64> = [], at now: Moment
    ) -> LeaseSnapshot {
        var snapshot = LeaseSnapshot()
        snapshot.revoked = revoked
        for window in revoked {
            accounts.update(window) { account in
                account.isNearLimit = true
                guard account.idle > 0 else { return }
                snapshot.givenBack[window] = account.idle
                account.lease.decrease(by: account.idle)
            }
        }
        // A dry run is told of the money that is free here, but changes nothing.
        for need in asks.filter(\.isDryRun).flatMap({ $0.alternatives.flatMap(\.self) }) {
            snapshot.free[need.windowID] = accounts[need.windowID]?.idle
        }
        var largestNeeds = Dictionary(topUps.map { ($0, Int64(0)) }) { first, _ in first }
        for need in asks.filter({ !$0.isDryRun }).flatMap({ $0.alternatives.flatMap(\.self) }) {
            largestNeeds[need.windowID] = max(largestNeeds[need.windowID] ?? 0, need.amount)
        }
        // Calls that wait ask again and again, which says nothing about the rate of spending.
        let spending = asks.lazy.filter { !$0.keepsPlace }.flatMap { $0.alternatives.joined().map(\.windowID) }
        let hurried = topUps.union(spending)
        for (window, need) in largestNeeds {
            guard let place = accounts.place(ofWindow: window) else { continue }
            var account = accounts[place: place]
            if configuration.scopes.budget(account.budgetNumber)?.period.rolling != nil {
                snapshot.rolling.insert(window)
            }
            guard hurried.contains(window) else {
                snapshot.free[window] = account.idle
                accounts[place: place].isAskInFlight = true
                continue
            }
            // If the last ask is more recent than this, calls spend faster than estimated. After a long quiet time,
            // they spend more slowly.
            let quiet = now.monotonic.secondsCeiling(since: account.lastAskedAt)
            if quiet <= Self.headroomSeconds {
                account.headroom.increase(by: account.headroom)
            } else {
                account.headroom >>= min(quiet / Self.headroomSeconds, 40)
            }
            let (four, isOver) = need.multipliedReportingOverflow(by: 4)
            account.headroom = min(max(account.headroom, isOver ? .max : four), account.limit / 8)
            account.lastAskedAt = now.monotonic
            account.isAskInFlight = true
            accounts[place: place] = account
            snapshot.free[window] = account.idle
            if !revoked.contains(window) { snapshot.headroom[window] = account.headroom }
        }
        return snapshot
    }

    /// Applies the window rows that a committed grant batch has locked, and the grants it received.
    ///
    /// - Parameter openingHeadroom: the headroom of windows that the batch opened.
    package mutating func endGrantBatch(
        _ facts: [WindowFacts], _ plan: Allocation, _ snapshot: LeaseSnapshot,
        openingHeadroom: [Int64: Int64] = [:], at now: Moment
    ) {
        for fact in facts { learn(fact) }
        for (window, headroom) in openingHeadroom {
            accounts.update(window) { account in
                account.headroom = max(account.headroom, min(headroom, account.limit / 8))
                account.lastAskedAt = now.monotonic
                account.isNearLimit = (plan.grants[window] ?? 0) < account.headroom / 2
            }
        }
        for (window, amount) in plan.grants { accounts.update(window) { $0.lease.increase(by: amount) } }
        for (window, seconds) in plan.longestHoldSeconds {
            accounts.update(window) { $0.longestHoldSeconds = max($0.longestHoldSeconds, seconds) }
        }
        for window in snapshot.free.keys { accounts.update(window) { $0.isAskInFlight = false } }
        for (window, wanted) in snapshot.headroom {
            accounts.update(window) { $0.isNearLimit = (plan.grants[window] ?? 0) < wanted / 2 }
        }
    }

    /// Ends a grant batch that failed. The leases stay as they are; the money to give back is not returned to them.
    package mutating func abandonGrantBatch(_ snapshot: LeaseSnapshot) {
        for window in snapshot.free.keys { accounts.update(window) { $0.isAskInFlight = false } }
    }

    /// Applies a window's row. Opens an account if the window is new to this replica.
    package mutating func learn(_ fact: WindowFacts) {
        guard let place = accounts.place(ofWindow: fact.windowID) else {
            accounts.open(
                WindowAccount(
                    windowID: fact.windowID, key: fact.key, limit: fact.limit, spent: fact.spent,
                    deficit: WindowAccount.deficit(limit: fact.limit, spent: fact.spent, leased: fact.leased),
                    revision: fact.revision, leasedElsewhere: fact.leased.minus(fact.leasedHere),
                    leasedByGone: fact.leasedByGone, goneReturnsAt: fact.goneReturnsAt, leavesAt: fact.leavesAt))
            if let ahead = committedAhead.removeValue(forKey: fact.windowID) {
                accounts.update(fact.windowID) { $0.learn(ahead) }
            }
            // The plan of the window is made before a call needs it.
            _ = configuration.scopes.budget(fact.key.budgetNumber)?.pacing?.plan(of: fact.key.span)
            return
        }
        let account = accounts[place: place]
        guard (fact.revision, fact.spent) >= (account.revision, account.spent) else { return }
        if account.key.value != fact.key.value { accounts.rename(place, to: fact.key) }
        accounts[place: place].learn(
            WindowAccount.Row(limit: fact.limit, spent: fact.spent, leased: fact.leased, revision: fact.revision))
        accounts[place: place].leasedElsewhere = fact.leased.minus(fact.leasedHere)
        accounts[place: place].leasedByGone = fact.leasedByGone
        accounts[place: place].goneReturnsAt = fact.goneReturnsAt
        accounts[place: place].leavesAt = fact.leavesAt
    }

    /// Applies the state of a window after a commit.
    ///
    /// The window may be one that is just being opened: what opens it may have read its row before, and be answered later.
    package mutating func learn(windowID: Int64, limit: Int64, spent: Int64, leased: Int64, revision: Int64) {
        let row = WindowAccount.Row(limit: limit, spent: spent, leased: leased, revision: revision)
        if let place = accounts.place(ofWindow: windowID) {
            accounts[place: place].learn(row)
        } else {
            committedAhead[windowID] = row
            // Ids follow the time: a window that is being opened has one of the highest.
            if committedAhead.count > Self.maximumAhead { committedAhead[committedAhead.keys.min()!] = nil }
        }
    }

    /// Windows that are opened are known within a second. Others that were charged are of no use here.
    private static let maximumAhead = 256

    /// Keeps what `asks` need from other calls, and nothing else any more.
    mutating func keepPlaces(of asks: some Sequence<LeaseAsk>) {
        for window in awaitedWindows { accounts.update(window) { $0.awaited = 0 } }
        awaitedWindows = []
        for ask in asks { keepPlace(of: ask) }
    }

    /// Whether calls wait for money of a window here.
    package func isAwaited(_ windowID: Int64) -> Bool { awaitedWindows.contains(windowID) }

    mutating func keepPlace(of ask: LeaseAsk) {
        for (window, amount) in ask.leastNeeds {
            awaitedWindows.insert(window)
            accounts.update(window) { $0.awaited.increase(by: amount) }
        }
    }

    /// The windows in `matched` whose lease runs low. They are topped up early so that the next calls need not wait.
    func topUps(after charges: [Hold.Charge]) -> [Int64] {
        var low: [Int64] = []
        for (index, charge) in charges.enumerated()
        where charge.isLeased && accounts[place: matched.accounts[index]].runsLow { low.append(charge.windowID) }
        return low
    }

    /// Takes idle money out of the leases so that it can be given back. Takes all idle money if `all` is set; otherwise
    /// only from windows that are unused, over or in deficit.
    ///
    /// The money leaves the lease in memory before PostgreSQL is told, so it cannot be spent in the meantime.
    package mutating func takeIdle(at now: Moment, all: Bool, among places: Range<Int>? = nil) -> [Int64: Int64] {
        var idle: [Int64: Int64] = [:]
        for place in places ?? accounts.all where !accounts.isVacant(place) {
            takeIdle(from: place, at: now, all: all, into: &idle)
        }
        return idle
    }

    /// The same from some windows only.
    package mutating func takeIdle(at now: Moment, ofWindows windowIDs: [Int64]) -> [Int64: Int64] {
        var idle: [Int64: Int64] = [:]
        for windowID in windowIDs {
            guard let place = accounts.place(ofWindow: windowID) else { continue }
            takeIdle(from: place, at: now, all: false, into: &idle)
        }
        return idle
    }

    private mutating func takeIdle(from place: Int, at now: Moment, all: Bool, into idle: inout [Int64: Int64]) {
        let amount = accounts[place: place].idle
        guard amount > 0, !accounts[place: place].isAskInFlight else { return }
        let isIdle = accounts[place: place].lastUsedAt.adding(seconds: Self.idleSeconds) < now.monotonic
        // After unreserved charges or a lowered limit, idle leases shrink first.
        guard all || isIdle || accounts[place: place].isOver(by: now.wall) || accounts[place: place].deficit > 0
        else { return }
        idle[accounts[place: place].windowID] = amount
        accounts[place: place].lease.decrease(by: amount)
    }

    /// Fences the replica once `monotonicNanoseconds` has passed: it may then no longer spend from its leases.
    package mutating func fence(afterNanoseconds monotonicNanoseconds: Int64) {
        fencedAfterNanoseconds = monotonicNanoseconds
    }
}

extension AdmissionEngine {
    package func isFenced(at now: Moment) -> Bool { now.monotonicNanoseconds > fencedAfterNanoseconds }

    package func hasAccount(ofWindow windowID: Int64) -> Bool { accounts.place(ofWindow: windowID) != nil }

    /// The windows for which this replica has an account.
    package var openWindowIDs: [Int64] { accounts.windowIDs.sorted() }

    /// All places of the window table, so that upkeep can process a part of them at a time.
    package var accountPlaces: Range<Int> { accounts.all }

    /// Forgets windows that are over or of a value that was idle for a while, and in which this replica has no lease, no hold
    /// and no ask in flight.
    package mutating func forgetUnusedWindows(at now: Moment, among places: Range<Int>? = nil) {
        for place in places ?? accounts.all where !accounts.isVacant(place) && accounts[place: place].isUnused {
            let isIdleValue =
                !accounts[place: place].key.value.isNone
                && accounts[place: place].lastUsedAt.adding(seconds: Self.idleValueSeconds) < now.monotonic
            if isIdleValue || accounts[place: place].isOver(by: now.wall) { accounts.close(place) }
        }
    }
}

extension AdmissionEngine {
    /// This replica's own view of its lease in one window.
    package struct LeaseView: Sendable {
        package let windowID: Int64
        package let limit: Int64
        package let held: Int64
        package let idle: Int64
    }

    /// One entry for each window of a hard budget, for checks against PostgreSQL's rows.
    package var leaseViews: [LeaseView] {
        accounts.values.filter { configuration.scopes.budget($0.budgetNumber)?.enforcement == .hard }
            .map { LeaseView(windowID: $0.windowID, limit: $0.limit, held: $0.held, idle: $0.idle) }
            .sorted { $0.windowID < $1.windowID }
    }

    /// The charges of each open hold, for the same checks.
    package var openCharges: [(id: HoldID, charges: [Hold.Charge])] {
        holds.values.map { ($0.hold.id, $0.hold.charges) }
    }
}
