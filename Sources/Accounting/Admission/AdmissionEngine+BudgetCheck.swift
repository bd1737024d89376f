extension AdmissionEngine {
    /// The result of checking a candidate against the budgets that would pay for it.
    enum BudgetCheck {
        case fits([Hold.Charge])
        /// This replica has not seen these windows of hard budgets.
        case unseen([WindowKey])
        /// The leases do not cover the candidate. Lists all needs of the candidate, including those that the leases
        /// cover.
        case short([LeaseAsk.Need])
        case blocked(Reason)
        /// This hard budget counts tokens, and nothing is known that bounds the candidate's output.
        case unbounded(Budget)
    }

    /// `isLast` means that no lower model may be used. Thresholds then rule nothing out.
    mutating func check(_ candidate: Candidate, _ call: Call, isLast: Bool, at now: Moment) -> BudgetCheck {
        count(call.who, candidate.name, at: now.wall)
        var charges: [Hold.Charge] = []
        charges.reserveCapacity(matched.count)
        var unseen: [WindowKey] = []
        var isShort = false
        let isFenced = isFenced(at: now)
        for index in matched.indices {
            let terms = matched[index].terms
            if !terms.isReadable { return .blocked(Self.unreadable(matchedBudget(index))) }
            if isFenced, !fencedPolicy.admits(terms.enforcement) { return .blocked(Self.fenced(matchedBudget(index))) }
            // A fenced replica cannot rely on its leases. If its policy still admits the call, the charge is only
            // counted.
            let isHard = terms.enforcement == .hard && !isFenced
            var amount = candidate.estimate.amount(in: terms.unit)
            // Reserves the smallest amount possible, so that a budget with nothing left denies the call.
            if isHard, amount == nil, terms.unit == .usd, terms.admitsUnpriced { amount = 1 }
            if isHard, amount == nil {
                let budget = matchedBudget(index)
                return terms.unit == .tokens ? .unbounded(budget) : .blocked(Self.notPriced(candidate, call, budget))
            }
            guard let place = matched[index].account else {
                // A fenced replica cannot ask PostgreSQL for this window, and a budget that denies nothing keeps no call
                // waiting for it. The settlement finds the window and charges it.
                if isFenced { continue }
                let key = WindowKey(
                    budgetNumber: terms.number, span: matchedBudget(index).window(containing: now.wall))
                if isHard { unseen.append(key) } else { unopened.insert(key) }
                continue
            }
            if !isLast, terms.hasThreshold, let reason = threshold(index, accounts[place: place], candidate) {
                return .blocked(reason)
            }
            guard accounts[place: place].held <= Self.maximumHeld else { return .blocked(tooMuchHeld(index)) }
            charges.append(
                Hold.Charge(
                    windowID: accounts[place: place].windowID, budgetNumber: terms.number, amount: amount ?? 0,
                    isLeased: isHard))
            if isHard, !accounts[place: place].covers(amount!, holdSeconds: call.holdSeconds) { isShort = true }
        }
        if !unseen.isEmpty { return .unseen(unseen) }
        guard isShort else { return .fits(charges) }
        return .short(
            charges.filter(\.isLeased).map {
                LeaseAsk.Need(windowID: $0.windowID, amount: $0.amount, holdSeconds: call.holdSeconds)
            })
    }

    private func threshold(_ index: Int, _ account: WindowAccount, _ candidate: Candidate) -> Reason? {
        let budget = matchedBudget(index)
        guard budget.enforcement != .shadow, let downgradeAt = budget.downgradeAt, candidate.isRequested,
            downgradeAt.isReached(by: account.spent.plus(account.held), of: account.limit)
        else { return nil }
        return Reason(
            code: .downgradeThreshold,
            message: """
                \(budget.id) has used \(downgradeAt.percent) of its \(budget.unit.phrase(account.limit)) \
                \(budget.period.phrase); calls that ask for \(candidate.name.model) go to a lower model from there on.
                """,
            budgetID: budget.id, resetsAt: account.span.end)
    }

    private static func notPriced(_ candidate: Candidate, _ call: Call, _ budget: Budget) -> Reason {
        let name = candidate.name.provider.isEmpty ? candidate.name.model : candidate.name.description
        return Reason(
            code: .modelNotPriced,
            message:
                "There is no price for all that a \(call.tier.rawValue) call of \(name) may use, and \(budget.id) is hard.",
            budgetID: budget.id)
    }

    /// Leases bound the held amount of hard budgets. For soft and shadow budgets, this limit prevents an overflow.
    private static let maximumHeld = Int64.max / 4

    private func tooMuchHeld(_ index: Int) -> Reason {
        let id = matchedBudget(index).id
        return Reason(
            code: .fundsHeld, message: "Calls in flight hold more of \(id) than can be counted.", budgetID: id)
    }

    private static func fenced(_ budget: Budget) -> Reason {
        Reason(
            code: .replicaFenced,
            message: "This replica cannot reach the ledger and must not spend from \(budget.id) until it can.",
            budgetID: budget.id, retryAfterSeconds: 1)
    }

    private static func unreadable(_ budget: Budget) -> Reason {
        Reason(
            code: .replicaFenced,
            message: """
                This server cannot read \(budget.whyUnreadable ?? "all") of \(budget.id), so it cannot spend from it; \
                another server, or a newer version, may.
                """,
            budgetID: budget.id, retryAfterSeconds: 1)
    }

    /// Explains why `needs` are not met although PostgreSQL was asked.
    func shortage(of needs: [LeaseAsk.Need], _ candidate: Candidate, at now: Moment) -> Reason {
        // `short` lists the needs for which PostgreSQL itself has too little money. A grant is all or nothing, so the
        // leases of the other windows may have stayed too small as well.
        let short = needs.filter { need in accounts[need.windowID].map { $0.obtainable < need.amount } ?? false }
        let reasons = (short.isEmpty ? needs : short).compactMap { need -> Reason? in
            guard let account = accounts[need.windowID], account.free < need.amount,
                let budget = configuration.scopes.budget(account.budgetNumber)
            else { return nil }
            return shortage(of: need.amount, account, budget, candidate, at: now)
        }
        // The call must fit all its budgets, so the reason that is least likely to pass soon decides.
        return Reason.Code.allCases.reversed().lazy
            .compactMap { code in reasons.first { $0.code == code } }.first
            ?? Reason(code: .fundsHeld, message: "The budgets of this call are busy.", retryAfterSeconds: 1)
    }

    private func shortage(
        of amount: Int64, _ account: WindowAccount, _ budget: Budget, _ candidate: Candidate, at now: Moment
    ) -> Reason {
        let unit = budget.unit
        let left = account.limit.minus(account.spent)
        let want = unit == .usd ? "could cost" : "could use"
        let model = candidate.name.model
        if amount > account.limit {
            return Reason(
                code: .overCallLimit,
                message: """
                    One call of \(model) \(want) \(unit.phrase(amount)), more than all of \(budget.id), \
                    which is \(unit.phrase(account.limit)).
                    """,
                budgetID: budget.id, resetsAt: account.span.end)
        }
        if amount > left {
            return Reason(
                code: .budgetExhausted,
                message:
                    "\(budget.id) has \(unit.phrase(left)) left \(budget.period.phrase); \(model) \(want) \(unit.phrase(amount)).",
                budgetID: budget.id, resetsAt: account.span.end,
                retryAfterSeconds: account.span.end.map { $0.secondsCeiling(since: now.wall) })
        }
        return Reason(
            code: .fundsHeld,
            message: """
                \(budget.id) has \(unit.phrase(left)) left \(budget.period.phrase), but \(holders(of: account, unit)); \
                \(model) \(want) \(unit.phrase(amount)).
                """,
            budgetID: budget.id, resetsAt: account.span.end,
            retryAfterSeconds: secondsUntilRelease(in: account, at: now))
    }

    /// Completes "has $5 left, but …".
    private func holders(of account: WindowAccount, _ unit: Budget.Unit) -> String {
        let live = account.leasedElsewhere.minus(account.leasedByGone)
        let parts = [
            account.held > 0 ? "\(unit.phrase(account.held)) is held for calls in flight" : nil,
            account.leasedByGone > 0
                ? "\(unit.phrase(account.leasedByGone)) is kept for calls of a replica that ended" : nil,
            live > 0 ? "\(unit.phrase(live)) is leased to other replicas" : nil,
        ].compactMap(\.self)
        return parts.isEmpty ? "it is busy" : parts.joined(separator: " and ")
    }

    /// Seconds until money may return to this window at the latest: until the next hold of this replica expires or the
    /// first lease of a gone replica returns. The lease of a live replica has no known time of return, so if only live
    /// replicas have the money, the answer is one second.
    private func secondsUntilRelease(in account: WindowAccount, at now: Moment) -> Int64 {
        let hold = account.held > 0 ? holds.nextExpiry?.secondsCeiling(since: now.monotonic) : nil
        let gone = account.goneReturnsAt?.secondsCeiling(since: now.wall)
        return max(1, [hold, gone].compactMap(\.self).min() ?? 1)
    }

    /// The warnings for an admitted candidate. `matched` must contain the budgets that count it.
    func warnings(_ candidate: Candidate) -> [CallWarning] {
        var warnings: [CallWarning] = []
        if candidate.estimate.cost == nil {
            warnings.append(
                CallWarning(.modelNotPriced, "\(candidate.name.model) has no price: its cost is not counted."))
        }
        for index in matched.indices where candidate.estimate.tokens == nil && matched[index].terms.unit == .tokens {
            let id = matchedBudget(index).id
            warnings.append(
                CallWarning(
                    .outputAssumed,
                    "\(candidate.name.model) has no known maximum output: \(id) holds nothing for it."))
        }
        for index in matched.indices {
            guard matched[index].terms.enforcement != .hard, let place = matched[index].account else { continue }
            let budget = matchedBudget(index)
            let state = state(of: budget, accounts[place: place])
            guard state.remaining < 0 else { continue }
            let over = budget.unit.phrase(Int64(0).minus(state.remaining))
            warnings.append(
                CallWarning(
                    .overBudget,
                    budget.enforcement == .soft
                        ? "\(budget.id) is over its limit by \(over) \(budget.period.phrase)."
                        : "\(budget.id) (shadow) would have denied this call: it is over its limit by \(over)."))
        }
        return warnings
    }
}
