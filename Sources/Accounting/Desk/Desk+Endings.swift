extension Desk {
    /// Starts settling a hold, made here or elsewhere: the windows it charges.
    ///
    /// Those of the hold that count what was really served, at their real amount, and any other budget that does. What
    /// it cost beyond the hold is taken out of this replica's lease as far as that is free; the rest is unsecured.
    package mutating func beginSettling(_ hold: Hold, served: ModelName, cost: Money?, tokens: Int64) -> [WindowCharge]
    {
        let isFirst = begin(hold)
        let isRemote = hold.id.replicaID != replicaID
        let open = isRemote ? nil : holds.place(of: hold)
        let scopes = configuration.scopes
        scopes.find(hold.who, served, into: &counting.budgets)
        var charges: [WindowCharge] = []
        charges.reserveCapacity(max(hold.charges.count, counting.budgets.count))
        for charge in hold.charges {
            let place = counting.budgets.first { scopes.terms[$0].number == charge.budgetNumber }
            let unit = place.map { scopes.terms[$0].unit }
            let spent = unit.map { Self.amount(cost, tokens, $0) } ?? 0
            // A hold of ours that is not in memory has ended: it can take nothing out of the lease any more.
            let most = isRemote || isAtEdge(charge) ? charge.amount : min(spent, charge.amount)
            var release = charge.isLeased && (isRemote || open != nil) ? most : 0
            if isFirst, let open, charge.isLeased, spent > charge.amount {
                release += secureOverrun(of: spent - charge.amount, charge.windowID, open)
            }
            charges.append(
                WindowCharge(
                    target: .window(charge.windowID), isCounted: unit != nil, spent: spent, leaseRelease: release))
        }
        for place in counting.budgets {
            if hold.charges.contains(where: { $0.budgetNumber == scopes.terms[place].number }) { continue }
            if let charge = unsecured(scopes.budgets[place], cost, tokens, hold.authorizedAt) { charges.append(charge) }
        }
        return charges
    }

    /// Starts voiding a hold, made here or elsewhere.
    package mutating func beginVoiding(_ hold: Hold) -> [WindowCharge] {
        _ = begin(hold)
        return releases(of: hold)
    }

    /// Starts the end of holds made here that have expired by `now`: of all of them, or of the next so many.
    package mutating func beginExpiring(
        at now: Timestamp, most: Int = .max
    ) -> [(hold: Hold, charges: [WindowCharge])] {
        var expired: [(Hold, [WindowCharge])] = []
        var looks = 0
        while looks < most, let place = holds.firstDue(by: now) {
            looks += 1
            // Its end, this one or another on its way, may still fail, and it must then expire after all.
            holds.postpone(place, until: now.adding(seconds: 1))
            if holds[place].endsUnderWay > 0 { continue }
            holds[place].endsUnderWay = 1
            expired.append((holds[place].hold, releases(of: holds[place].hold)))
        }
        return expired
    }

    /// Whether `beginExpiring` has more to do.
    package mutating func hasExpired(by now: Timestamp) -> Bool { holds.firstDue(by: now) != nil }

    /// Ends a hold in memory once its end is committed. `wasFirst` says whether this end is the one that counted;
    /// otherwise another replica's was, and took the whole hold out of this lease.
    package mutating func finish(_ hold: Hold, _ charges: [WindowCharge], wasFirst: Bool) {
        guard hold.id.replicaID == replicaID, let place = holds.place(of: hold) else { return }
        let open = holds.remove(place)
        for charge in hold.charges {
            let overrun = open.securedOverrun[charge.windowID] ?? 0
            accounts.update(charge.windowID) { account in
                account.held -= charge.amount + overrun
                guard charge.isLeased else { return }
                let release = charges.first { $0.target == .window(charge.windowID) }?.leaseRelease ?? 0
                account.lease -= wasFirst ? release : charge.amount
            }
        }
    }

    /// Takes back a hold that nobody has heard of.
    package mutating func unmake(_ hold: Hold) {
        guard let place = holds.place(of: hold), !holds[place].isSharedWithRepeat else { return }
        finish(hold, [], wasFirst: true)
    }

    /// A hold whose end was not committed goes on, unless another end of it is still on its way.
    package mutating func reopen(_ hold: Hold) {
        guard hold.id.replicaID == replicaID, let place = holds.place(of: hold), holds[place].endsUnderWay > 0 else {
            return
        }
        holds[place].endsUnderWay -= 1
        guard holds[place].endsUnderWay == 0 else { return }
        for (window, overrun) in holds[place].securedOverrun { accounts.update(window) { $0.held -= overrun } }
        holds[place].securedOverrun = [:]
    }

    /// Another replica ended a hold made here.
    package mutating func endedElsewhere(_ number: Int64) {
        guard let place = holds.place(ofNumber: number), holds[place].endsUnderWay == 0 else { return }
        finish(holds[place].hold, [], wasFirst: false)
    }

    /// Notes an end of a hold that is open here; whether it is the only one on its way.
    private mutating func begin(_ hold: Hold) -> Bool {
        guard hold.id.replicaID == replicaID, let place = holds.place(of: hold) else { return false }
        holds[place].endsUnderWay += 1
        return holds[place].endsUnderWay == 1
    }

    /// An end that charges nothing: a lease made elsewhere gives up the hold, one made here keeps it as free money.
    private func releases(of hold: Hold) -> [WindowCharge] {
        let isRemote = hold.id.replicaID != replicaID
        let isOpen = holds.place(of: hold) != nil
        return hold.charges.map {
            let release = $0.isLeased && (isRemote || isOpen && isAtEdge($0)) ? $0.amount : 0
            return WindowCharge(
                target: .window($0.windowID), isCounted: false, spent: 0, leaseRelease: release)
        }
    }

    /// Where money is short what a hold does not use goes back to all with its end, rather than idle in this lease.
    private func isAtEdge(_ charge: Hold.Charge) -> Bool { accounts[charge.windowID]?.isAtEdge == true }

    private mutating func secureOverrun(of overrun: Int64, _ windowID: Int64, _ holdPlace: Int) -> Int64 {
        guard let idle = accounts[windowID]?.idle, idle > 0 else { return 0 }
        let secured = min(idle, overrun)
        accounts.update(windowID) { $0.held += secured }
        holds[holdPlace].securedOverrun[windowID] = secured
        return secured
    }
}
