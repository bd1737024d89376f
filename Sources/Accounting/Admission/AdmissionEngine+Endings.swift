extension AdmissionEngine {
    /// Starts settling a hold that this or another replica made, and returns the windows that the settlement charges.
    ///
    /// A window of the hold is charged the real amount if its budget counts the model that served the call. The window
    /// of any other budget that counts this model is charged too. If the call cost more than the hold, the excess comes
    /// out of the idle money in this replica's lease as far as possible. The rest is an unreserved charge.
    ///
    /// A window that this replica does not know under that id may have another id by now, because the database was
    /// restored from a backup. It is found by its budget and the time of the call.
    ///
    /// - Parameter occurredAt: when the call was made, if that is known better than by its hold.
    package mutating func beginSettling(
        _ hold: Hold, served: ModelName, cost: Money?, tokens: Int64, occurredAt: Timestamp? = nil
    ) -> [WindowCharge] {
        let isFirst = begin(hold)
        return charges(
            settling: hold, isFirst: isFirst, served: served, cost: cost, tokens: tokens,
            occurredAt: occurredAt ?? hold.authorizedAt)
    }

    /// The charges of the estimated entry that a hold becomes whose expiry has begun.
    package mutating func charges(estimating hold: Hold, cost: Money, tokens: Int64) -> [WindowCharge] {
        charges(
            settling: hold, isFirst: false, served: hold.model, cost: cost, tokens: tokens,
            occurredAt: hold.authorizedAt)
    }

    private mutating func charges(
        settling hold: Hold, isFirst: Bool, served: ModelName, cost: Money?, tokens: Int64, occurredAt: Timestamp
    ) -> [WindowCharge] {
        let isRemote = hold.id.replicaID != replicaID
        let open = isRemote ? nil : holds.place(of: hold)
        let scopes = configuration.scopes
        let spender = configuration.find(recorded: hold.who, served, into: &matched.budgets)
        var charges: [WindowCharge] = []
        charges.reserveCapacity(max(hold.charges.count, matched.budgets.count))
        for charge in hold.charges {
            let place =
                matched.budgets.first { scopes.terms[$0.place].number == charge.budgetNumber }?.place
                ?? movedPlace(of: charge, hold, served)
            // Where each model has a window, a call that another model served counts in that model's.
            let isOfOther =
                place.map {
                    scopes.budgets[$0].scope.isEachOfModel && hold.model != served
                        && scopes.value(of: hold.who, hold.model, at: $0) != scopes.value(of: hold.who, served, at: $0)
                } ?? false
            let counted = isOfOther ? nil : place
            let unit = counted.map { scopes.terms[$0].unit }
            let spent = unit.map { Self.amount(cost, tokens, $0) } ?? 0
            // If this replica made the hold but no longer has it in memory, the hold has ended and releases nothing
            // more.
            let most = isRemote || isNearLimit(charge) ? charge.amount : min(spent, charge.amount)
            var release = charge.isLeased && (isRemote || open != nil) ? most : 0
            if isFirst, let open, charge.isLeased, spent > charge.amount {
                release.increase(by: secureOverrun(of: spent.minus(charge.amount), charge.windowID, open))
            }
            let target = WindowCharge.Target.window(charge.windowID)
            let key = counted == nil ? nil : key(of: charge)
            if let place, key == nil,
                let found = unreserved(
                    place, spender, served, cost, tokens, hold.authorizedAt, spentAt: occurredAt),
                found.target != target
            {
                charges.append(found)
                if release == 0 { continue }
                charges.append(WindowCharge(target: target, isCounted: false, spent: 0, leaseRelease: release))
            } else {
                charges.append(
                    WindowCharge(
                        target: target, isCounted: unit != nil, spent: spent, leaseRelease: release, key: key,
                        leavesAt: counted.flatMap { scopes.budgets[$0].leaves(spentAt: occurredAt) }))
            }
        }
        for match in matched.budgets {
            let number = scopes.terms[match.place].number
            if hold.charges.contains(where: { $0.budgetNumber == number }) { continue }
            if let charge = unreserved(
                match.place, spender, served, cost, tokens, hold.authorizedAt, spentAt: occurredAt)
            {
                charges.append(charge)
            }
        }
        return charges
    }

    /// Whether a hold names this replica as its maker, but comes from a past that the database has lost. It sets nothing
    /// aside here, and ending it must not end the hold that has its number now.
    package func isOfAnotherPast(_ hold: Hold) -> Bool {
        guard hold.id.replicaID == replicaID else { return false }
        if hold.id.number >= nextHoldNumber { return true }
        return holds.place(ofNumber: hold.id.number) != holds.place(of: hold)
    }

    /// Starts voiding a hold that this or another replica made.
    package mutating func beginVoiding(_ hold: Hold) -> [WindowCharge] {
        _ = begin(hold)
        return releases(of: hold)
    }

    /// Starts expiring the holds made here that are due by `now`, and looks at no more than `most` holds.
    package mutating func beginExpiring(
        at now: Moment, most: Int = .max
    ) -> [(hold: Hold, charges: [WindowCharge])] {
        var expired: [(Hold, [WindowCharge])] = []
        var looks = 0
        while looks < most, let place = holds.firstDue(by: now.monotonic) {
            looks += 1
            // An end may still fail, whether it starts here or is already under way. The hold must then expire later.
            holds.postpone(place, until: now.monotonic.adding(seconds: 1))
            if holds[place].endsUnderWay > 0 { continue }
            holds[place].endsUnderWay = 1
            expired.append((holds[place].hold, releases(of: holds[place].hold)))
        }
        return expired
    }

    /// Whether `beginExpiring` has more to do.
    package mutating func hasExpired(by now: Moment) -> Bool {
        holds.firstDue(by: now.monotonic) != nil
    }

    /// Removes a hold from memory after an end of it is committed. `wasFirst` says whether this end is the one that
    /// counts. If it is not, another replica ended the hold and took its whole amount out of this replica's lease.
    package mutating func finish(_ hold: Hold, _ charges: [WindowCharge], wasFirst: Bool) {
        guard hold.id.replicaID == replicaID, let place = holds.place(of: hold) else { return }
        let open = holds.remove(place)
        for charge in hold.charges {
            let overrun = open.reservedOverrun[charge.windowID] ?? 0
            accounts.update(charge.windowID) { account in
                account.held.decrease(by: charge.amount.plus(overrun))
                guard charge.isLeased else { return }
                let release = charges.first { $0.target == .window(charge.windowID) }?.leaseRelease ?? 0
                account.lease.decrease(by: wasFirst ? release : charge.amount)
            }
        }
    }

    /// Removes a hold whose verdict reached no caller, and the count of that verdict, unless a repeated request was
    /// answered with it.
    package mutating func discard(_ hold: Hold) {
        guard let place = holds.place(of: hold), !holds[place].isSharedWithRepeat else { return }
        let day = configuration.accountingZone.day(at: hold.authorizedAt)
        verdictCounts.takeBack(holds[place].verdict, of: hold, on: day)
        verdictLog.note(end: .withdrawn, of: hold)
        finish(hold, [], wasFirst: true)
    }

    /// Notes that an end of a hold was not committed. If no other end is under way, the hold is open again and releases
    /// the overrun reserved for it.
    package mutating func reopen(_ hold: Hold) {
        guard hold.id.replicaID == replicaID, let place = holds.place(of: hold), holds[place].endsUnderWay > 0 else {
            return
        }
        holds[place].endsUnderWay -= 1
        guard holds[place].endsUnderWay == 0 else { return }
        for (window, overrun) in holds[place].reservedOverrun {
            accounts.update(window) { $0.held.decrease(by: overrun) }
        }
        holds[place].reservedOverrun = [:]
    }

    /// Removes a hold made here after another replica has ended it.
    package mutating func endedElsewhere(_ number: Int64, _ how: HoldEnd) {
        guard let place = holds.place(ofNumber: number), holds[place].endsUnderWay == 0 else { return }
        if how == .settled { settledRequests.insert(holds[place].requestHash) }
        finish(holds[place].hold, [], wasFirst: false)
    }

    /// Notes that an end of a hold made here is under way. Returns whether it is the only one.
    private mutating func begin(_ hold: Hold) -> Bool {
        guard hold.id.replicaID == replicaID, let place = holds.place(of: hold) else { return false }
        holds[place].endsUnderWay += 1
        return holds[place].endsUnderWay == 1
    }

    /// The charges of an end without cost: a void or an expiry. A hold made elsewhere leaves its maker's lease. A hold
    /// made here stays in the lease as free money, unless its window is in near-limit mode.
    private func releases(of hold: Hold) -> [WindowCharge] {
        let isRemote = hold.id.replicaID != replicaID
        let isOpen = holds.place(of: hold) != nil
        return hold.charges.map {
            let release = $0.isLeased && (isRemote || isOpen && isNearLimit($0)) ? $0.amount : 0
            return WindowCharge(
                target: .window($0.windowID), isCounted: false, spent: 0, leaseRelease: release)
        }
    }

    /// The place in the scope index of a budget of a feature that has admitted a hold; nil if another model served the call.
    /// Before or since, the feature was moved: of two servers one may not have heard of it yet.
    private func movedPlace(of charge: Hold.Charge, _ hold: Hold, _ served: ModelName) -> Int? {
        guard let place = configuration.scopes.place(of: charge.budgetNumber) else { return nil }
        let scope = configuration.scopes.budgets[place].scope
        let isOfModel = scope.model != nil || scope.provider != nil
        return scope.place != nil && (served == hold.model || !isOfModel) ? place : nil
    }

    /// The budget and span of a charge's window; nil if this replica has not seen it as a window of the charge's budget.
    private func key(of charge: Hold.Charge) -> WindowKey? {
        guard let place = accounts.place(ofWindow: charge.windowID),
            accounts[place: place].budgetNumber == charge.budgetNumber
        else { return nil }
        return accounts[place: place].key
    }

    /// In near-limit mode, the unused money of an ended hold returns to the window, where all replicas can lease it,
    /// instead of staying idle in this lease.
    private func isNearLimit(_ charge: Hold.Charge) -> Bool { accounts[charge.windowID]?.isNearLimit == true }

    private mutating func secureOverrun(of overrun: Int64, _ windowID: Int64, _ holdPlace: Int) -> Int64 {
        guard let idle = accounts[windowID]?.idle, idle > 0 else { return 0 }
        let reserved = min(idle, overrun)
        accounts.update(windowID) { $0.held.increase(by: reserved) }
        holds[holdPlace].reservedOverrun[windowID] = reserved
        return reserved
    }
}
