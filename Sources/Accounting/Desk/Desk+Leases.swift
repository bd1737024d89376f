extension Desk {
    /// How far ahead of the present rate of spending a lease reaches.
    private static let headroomSeconds: Int64 = 5
    /// A lease nobody used for so long goes back. Others who want it call it back before; what this keeps small is the
    /// money that a server which dies takes with it for a time.
    private static let idleSeconds: Int64 = 10

    /// What the planner needs to know of this replica for a round of asks, by window.
    package struct LeaseStanding: Sendable {
        /// What calls may take without asking. Below zero where a budget became hard while calls were in flight: the
        /// next grant covers them too.
        package var free: [Int64: Int64] = [:]
        /// How much more than needed to ask for.
        package var headroom: [Int64: Int64] = [:]
        /// Idle money on its way back, out of this replica's lease already: the safe side.
        package var givenBack: [Int64: Int64] = [:]
        /// Windows whose recall this round answers: all that is idle in them is in `givenBack`.
        package var recalled: Set<Int64> = []

        package init() {}

        package var windowIDs: Set<Int64> {
            recalled.union(free.keys).union(headroom.keys).union(givenBack.keys)
        }
    }

    /// Starts a round: what is free in the windows of `asks` and `topUps` and how much more to ask for; of `recalled`
    /// windows everything idle goes back, so that these very asks get it or somebody else's.
    package mutating func beginRound(
        _ asks: [LeaseAsk], topUps: Set<Int64> = [], recalled: Set<Int64> = [], at now: Timestamp
    ) -> LeaseStanding {
        var standing = LeaseStanding()
        standing.recalled = recalled
        for window in recalled {
            accounts.update(window) { account in
                account.isAtEdge = true
                guard account.idle > 0 else { return }
                standing.givenBack[window] = account.idle
                account.lease -= account.idle
            }
        }
        let needs = asks.flatMap { $0.alternatives.flatMap(\.self) }
        for window in Set(needs.map(\.windowID)).union(topUps) {
            guard let place = accounts.place(ofWindow: window) else { continue }
            var account = accounts[place: place]
            let need = needs.filter { $0.windowID == window }.reduce(0) { max($0, $1.amount) }
            // Asked again sooner than that: the rate is higher than was thought. Long quiet: it is lower.
            let quiet = now.secondsCeiling(since: account.lastAskedAt)
            if quiet <= Self.headroomSeconds {
                account.headroom = max(account.headroom * 2, need * 4)
            } else {
                account.headroom = max(account.headroom >> min(quiet / Self.headroomSeconds, 40), need * 4)
            }
            account.headroom = min(account.headroom, account.limit / 8)
            account.lastAskedAt = now
            account.isAskInFlight = true
            accounts[place: place] = account
            standing.free[window] = account.idle
            if !recalled.contains(window) { standing.headroom[window] = account.headroom }
        }
        return standing
    }

    /// Takes in the rows a round has locked and what it was granted.
    package mutating func endRound(_ facts: [WindowFacts], _ plan: GrantPlan, _ standing: LeaseStanding) {
        for fact in facts { learn(fact) }
        for (window, amount) in plan.grants { accounts.update(window) { $0.lease += amount } }
        for (window, seconds) in plan.longestHoldSeconds {
            accounts.update(window) { $0.longestHoldSeconds = max($0.longestHoldSeconds, seconds) }
        }
        for window in standing.free.keys { accounts.update(window) { $0.isAskInFlight = false } }
        for (window, wanted) in standing.headroom {
            accounts.update(window) { $0.isAtEdge = (plan.grants[window] ?? 0) < wanted / 2 }
        }
    }

    /// A round that failed leaves everything as it was, but for what it was to give back.
    package mutating func abandonRound(_ standing: LeaseStanding) {
        for window in standing.free.keys { accounts.update(window) { $0.isAskInFlight = false } }
    }

    /// Takes in a window's row, opening an account for one not seen before.
    package mutating func learn(_ fact: WindowFacts) {
        guard let place = accounts.place(ofWindow: fact.windowID) else {
            accounts.open(
                WindowAccount(
                    windowID: fact.windowID, budgetNumber: fact.key.budgetNumber, span: fact.key.span,
                    limit: fact.limit, spent: fact.spent, leasedElsewhere: fact.leased - fact.leasedHere,
                    leasedByGone: fact.leasedByGone, goneReturnsAt: fact.goneReturnsAt,
                    deficit: max(0, fact.spent + fact.leased - fact.limit), revision: fact.revision))
            return
        }
        guard fact.revision >= accounts[place: place].revision else { return }
        accounts[place: place].learn(
            limit: fact.limit, spent: fact.spent, leased: fact.leased, revision: fact.revision)
        accounts[place: place].leasedElsewhere = fact.leased - fact.leasedHere
        accounts[place: place].leasedByGone = fact.leasedByGone
        accounts[place: place].goneReturnsAt = fact.goneReturnsAt
    }

    /// Takes in what a commit left of a window.
    package mutating func learn(windowID: Int64, limit: Int64, spent: Int64, leased: Int64, revision: Int64) {
        accounts.update(windowID) { $0.learn(limit: limit, spent: spent, leased: leased, revision: revision) }
    }

    /// Windows in `counting` whose lease runs low, so that the next calls need not wait.
    func topUps(after charges: [Hold.Charge]) -> [Int64] {
        var low: [Int64] = []
        for (index, charge) in charges.enumerated()
        where charge.isLeased && accounts[place: counting.accounts[index]].runsLow { low.append(charge.windowID) }
        return low
    }

    /// Takes idle money out of the leases so that it can be given back; everything that is free, where `all` is set.
    ///
    /// It is out of the lease before PostgreSQL hears of it: the safe side.
    package mutating func takeIdle(at now: Timestamp, all: Bool, among places: Range<Int>? = nil) -> [Int64: Int64] {
        var idle: [Int64: Int64] = [:]
        for place in places ?? accounts.all where !accounts.isVacant(place) {
            let amount = accounts[place: place].idle
            guard amount > 0, !accounts[place: place].isAskInFlight else { continue }
            let isIdle = accounts[place: place].lastUsedAt.adding(seconds: Self.idleSeconds) < now
            // After unsecured charges or a lowered limit idle leases shrink first.
            guard all || isIdle || accounts[place: place].isOver(by: now) || accounts[place: place].deficit > 0
            else { continue }
            idle[accounts[place: place].windowID] = amount
            accounts[place: place].lease -= amount
        }
        return idle
    }

    /// Nothing more may be admitted once `monotonicNanoseconds` is past.
    package mutating func fence(afterNanoseconds monotonicNanoseconds: Int64) {
        fencedAfterNanoseconds = monotonicNanoseconds
    }
}

extension Desk {
    package func isFenced(at now: Moment) -> Bool { now.monotonicNanoseconds > fencedAfterNanoseconds }

    package func hasAccount(ofWindow windowID: Int64) -> Bool { accounts.place(ofWindow: windowID) != nil }

    /// The windows this replica has an account of.
    package var openWindowIDs: [Int64] { accounts.windowIDs.sorted() }

    /// The places that windows' accounts are kept in, for upkeep that goes over a part of them at a time.
    package var accountPlaces: Range<Int> { accounts.all }

    /// Forgets windows that are over and in which nothing of this replica is left.
    package mutating func forgetEndedWindows(before now: Timestamp, among places: Range<Int>? = nil) {
        for place in places ?? accounts.all where !accounts.isVacant(place) {
            if accounts[place: place].isOver(by: now), accounts[place: place].isUnused { accounts.close(place) }
        }
    }
}

extension Desk {
    /// What this replica thinks it has of one window.
    package struct LeaseBook: Sendable {
        package let windowID: Int64
        package let held: Int64
        package let idle: Int64
    }

    /// Of every window of a hard budget, for those who check it against PostgreSQL's rows.
    package var leaseBooks: [LeaseBook] {
        accounts.values.filter { configuration.budgets[$0.budgetNumber]?.enforcement == .hard }
            .map { LeaseBook(windowID: $0.windowID, held: $0.held, idle: $0.idle) }
            .sorted { $0.windowID < $1.windowID }
    }

    /// What each open hold takes, for the same.
    package var openCharges: [(id: HoldID, charges: [Hold.Charge])] {
        holds.values.map { ($0.hold.id, $0.hold.charges) }
    }
}
