import HeapModule

extension Desk {
    /// The windows a call charges that was never authorized: every budget that counts it, as of when it happened.
    package func charges(for who: Attribution, model: ModelName, cost: Money?, tokens: Int64, occurredAt: Timestamp)
        -> [WindowCharge]
    {
        configuration.scopes.budgets(for: who, model: model)
            .filter { $0.hasWindow(containing: occurredAt) }
            .map { unsecured($0, cost, tokens, occurredAt) }
    }

    /// Starts settling a hold, made here or elsewhere: the windows it charges.
    ///
    /// Those of the hold that count what was really served, at their real amount, and any other budget that does. What
    /// it cost beyond the hold is taken out of this replica's lease as far as that is free; the rest is unsecured.
    package mutating func beginSettling(_ hold: Hold, served: ModelName, cost: Money?, tokens: Int64) -> [WindowCharge]
    {
        let isFirst = begin(hold)
        let isRemote = hold.id.replicaID != replicaID
        let isOpen = !isRemote && holds[hold.id.number] != nil
        let counting = configuration.scopes.budgets(for: hold.who, model: served)
        var charges = hold.charges.map { charge in
            let budget = counting.first { $0.number == charge.budgetNumber }
            let spent = budget.map { Self.amount(cost, tokens, $0.unit) } ?? 0
            // A hold of ours that is not in memory has ended: it can take nothing out of the lease any more.
            let most = isRemote || isAtEdge(charge) ? charge.amount : min(spent, charge.amount)
            var release = charge.isLeased && (isRemote || isOpen) ? most : 0
            if isFirst, charge.isLeased, spent > charge.amount {
                release += secureOverrun(of: spent - charge.amount, charge.windowID, hold.id.number)
            }
            return WindowCharge(
                target: .window(charge.windowID), isCounted: budget != nil, spent: spent, leaseRelease: release)
        }
        let others = counting.filter { budget in
            !hold.charges.contains { $0.budgetNumber == budget.number }
                && budget.hasWindow(containing: hold.authorizedAt)
        }
        charges += others.map { unsecured($0, cost, tokens, hold.authorizedAt) }
        return charges
    }

    /// Starts voiding a hold, made here or elsewhere.
    package mutating func beginVoiding(_ hold: Hold) -> [WindowCharge] {
        _ = begin(hold)
        return releases(of: hold)
    }

    /// Starts the end of every hold made here that has expired by `now`.
    package mutating func beginExpiring(at now: Timestamp) -> [(hold: Hold, charges: [WindowCharge])] {
        var expired: [(Hold, [WindowCharge])] = []
        while let first = expiries.min, first.expiresAt <= now {
            _ = expiries.popMin()
            guard let open = holds[first.holdNumber] else { continue }
            // Its end, this one or another on its way, may still fail, and it must then expire after all.
            expiries.insert(Expiry(expiresAt: now.adding(seconds: 1), holdNumber: first.holdNumber))
            if open.endsUnderWay > 0 { continue }
            _ = begin(open.hold)
            expired.append((open.hold, releases(of: open.hold)))
        }
        return expired
    }

    /// Ends a hold in memory once its end is committed. `wasFirst` says whether this end is the one that counted;
    /// otherwise another replica's was, and took the whole hold out of this lease.
    package mutating func finish(_ hold: Hold, _ charges: [WindowCharge], wasFirst: Bool) {
        guard hold.id.replicaID == replicaID, let open = holds.removeValue(forKey: hold.id.number) else { return }
        let key = RequestKey(team: hold.who.team, requestID: hold.requestID)
        if holdNumbers[key] == hold.id.number { holdNumbers[key] = nil }
        for charge in hold.charges {
            let overrun = open.securedOverrun[charge.windowID] ?? 0
            accounts[charge.windowID]?.held -= charge.amount + overrun
            guard charge.isLeased else { continue }
            let release = charges.first { $0.target == .window(charge.windowID) }?.leaseRelease ?? 0
            accounts[charge.windowID]?.lease -= wasFirst ? release : charge.amount
        }
    }

    /// A hold whose end was not committed goes on, unless another end of it is still on its way.
    package mutating func reopen(_ hold: Hold) {
        guard hold.id.replicaID == replicaID, let open = holds[hold.id.number], open.endsUnderWay > 0 else { return }
        holds[hold.id.number]!.endsUnderWay -= 1
        guard open.endsUnderWay == 1 else { return }
        for (window, overrun) in open.securedOverrun { accounts[window]?.held -= overrun }
        holds[hold.id.number]!.securedOverrun = [:]
    }

    /// Another replica ended a hold made here.
    package mutating func endedElsewhere(_ number: Int64) {
        guard let open = holds[number], open.endsUnderWay == 0 else { return }
        finish(open.hold, [], wasFirst: false)
    }

    /// Notes an end of a hold that is open here; whether it is the only one on its way.
    private mutating func begin(_ hold: Hold) -> Bool {
        guard hold.id.replicaID == replicaID, holds[hold.id.number] != nil else { return false }
        holds[hold.id.number]!.endsUnderWay += 1
        return holds[hold.id.number]!.endsUnderWay == 1
    }

    /// An end that charges nothing: a lease made elsewhere gives up the hold, one made here keeps it as free money.
    private func releases(of hold: Hold) -> [WindowCharge] {
        let isRemote = hold.id.replicaID != replicaID
        let isOpen = holds[hold.id.number] != nil
        return hold.charges.map {
            let release = $0.isLeased && (isRemote || isOpen && isAtEdge($0)) ? $0.amount : 0
            return WindowCharge(
                target: .window($0.windowID), isCounted: false, spent: 0, leaseRelease: release)
        }
    }

    /// Where money is short what a hold does not use goes back to all with its end, rather than idle in this lease.
    private func isAtEdge(_ charge: Hold.Charge) -> Bool { accounts[charge.windowID]?.isAtEdge == true }

    private mutating func secureOverrun(of overrun: Int64, _ windowID: Int64, _ holdNumber: Int64) -> Int64 {
        guard let idle = accounts[windowID]?.idle, idle > 0 else { return 0 }
        let secured = min(idle, overrun)
        accounts[windowID]!.held += secured
        holds[holdNumber]!.securedOverrun[windowID] = secured
        return secured
    }

    private func unsecured(_ budget: Budget, _ cost: Money?, _ tokens: Int64, _ occurredAt: Timestamp) -> WindowCharge {
        let key = WindowKey(budgetNumber: budget.number, span: budget.window(containing: occurredAt))
        return WindowCharge(
            target: windowIDs[key].map(WindowCharge.Target.window) ?? .unopened(key),
            isCounted: true, spent: Self.amount(cost, tokens, budget.unit), leaseRelease: 0)
    }

    /// An unpriced call charges no money yet: what it cost is unknown and told as such.
    private static func amount(_ cost: Money?, _ tokens: Int64, _ unit: Budget.Unit) -> Int64 {
        switch unit {
        case .usd: cost?.nanodollars ?? 0
        case .tokens: tokens
        case .calls: 1
        }
    }
}
