extension AdmissionEngine {
    /// The result of checking a candidate against the budgets that would pay for it.
    enum BudgetCheck {
        case fits([Hold.Charge])
        /// This replica has not seen some windows. The ask opens them, and asks all that the candidate needs.
        case unseen(LeaseAsk)
        /// The leases do not cover the candidate in full. Lists all needs of the candidate, including those that the
        /// leases cover.
        case short([LeaseAsk.Need])
        case blocked(Reason)
        /// This hard budget counts tokens, and nothing is known that bounds the candidate's output.
        case unbounded(Budget)
    }

    /// `isLast` means that no lower model may be used. Thresholds and pacing then rule nothing out. `opensAll` asks for the windows of
    /// budgets too that deny nothing: who asks for an explanation wants to see all that count the call.
    mutating func check(
        _ candidate: Candidate, _ call: Call, isLast: Bool, opensAll: Bool, at now: Moment
    ) -> BudgetCheck {
        count(call.who, candidate.name, at: now.wall)
        var charges: [Hold.Charge] = []
        charges.reserveCapacity(matched.count)
        var unseen: LeaseAsk?
        var isShort = false
        let isFenced = isFenced(at: now)
        for index in matched.indices {
            let terms = matched[index].terms
            if !terms.isReadable { return .blocked(Self.unreadable(matchedBudget(index))) }
            if isFenced, !fencedPolicy.admits(terms.enforcement) { return .blocked(Self.fenced(matchedBudget(index))) }
            // A fenced replica cannot rely on its leases. If its policy still admits the call, the charge is only
            // counted.
            let isHard = terms.enforcement == .hard && !isFenced
            guard let place = matched[index].account else {
                // A fenced replica cannot ask PostgreSQL for this window, and a budget that denies nothing keeps no call
                // waiting for it. The settlement finds the window and charges it.
                if isFenced { continue }
                let key = windowKey(ofBudgetAt: matched[index].match.place, call.who, candidate.name, at: now.wall)
                guard isHard || opensAll else {
                    unopened.insert(key)
                    continue
                }
                var ask = unseen ?? LeaseAsk()
                ask.opens.append(key)
                if isHard, !call.isDryRun, let amount = terms.leasedAmount(of: candidate.estimate) {
                    ask.openingNeeds.append(
                        LeaseAsk.OpeningNeed(key: key, amount: amount, holdSeconds: call.holdSeconds))
                }
                unseen = ask
                continue
            }
            let amount =
                isHard ? terms.leasedAmount(of: candidate.estimate) : candidate.estimate.amount(in: terms.unit)
            if isHard, amount == nil {
                let budget = matchedBudget(index)
                return terms.unit == .tokens
                    ? .unbounded(budget) : .blocked(notPriced(candidate, call, budget, at: now.wall))
            }
            if !isLast, terms.hasThreshold, let reason = threshold(index, accounts[place: place], candidate) {
                return .blocked(reason)
            }
            if !isLast, terms.isPaced, let reason = pacing(index, accounts[place: place], candidate, at: now.wall) {
                return .blocked(reason)
            }
            guard accounts[place: place].held <= Self.maximumHeld else { return .blocked(tooMuchHeld(index)) }
            charges.append(
                Hold.Charge(
                    windowID: accounts[place: place].windowID, budgetNumber: terms.number, amount: amount ?? 0,
                    isLeased: isHard))
            if isHard, !accounts[place: place].covers(amount!, holdSeconds: call.holdSeconds) { isShort = true }
        }
        if var unseen {
            unseen.add(
                charges.filter(\.isLeased).map {
                    LeaseAsk.Need(windowID: $0.windowID, amount: $0.amount, holdSeconds: call.holdSeconds)
                }, LeaseAsk.Choice(model: candidate.name, isClamped: false))
            return .unseen(unseen)
        }
        return isShort ? .short(needs(of: candidate, call, at: now)) : .fits(charges)
    }

    private func threshold(_ index: Int, _ account: WindowAccount, _ candidate: Candidate) -> Reason? {
        let budget = matchedBudget(index)
        guard budget.enforcement != .shadow, let downgradeAt = budget.downgradeAt, candidate.isRequested,
            downgradeAt.isReached(by: account.spent.plus(account.held), of: account.limit)
        else { return nil }
        return Reason(
            code: .downgradeThreshold,
            message: sentence(thresholdSentence(budget, downgradeAt, account, candidate)),
            budgetID: budget.id, resetsAt: account.resetsAt)
    }

    private func thresholdSentence(
        _ budget: Budget, _ downgradeAt: Fraction, _ account: WindowAccount, _ candidate: Candidate
    ) -> String {
        let unit = budget.unit
        let held = account.held > 0 ? " and holds \(unit.phrase(account.held)) for calls in flight" : ""
        return """
            \(budget.name(of: account.key.value, configuration.names)) has used \(unit.phrase(account.spent)) of its \
            \(unit.phrase(account.limit)) \(budget.period.phrase)\(held); from \(downgradeAt.percent) on, calls that ask for \
            \(candidate.name.model) go to a lower model.
            """
    }

    private func notPriced(_ candidate: Candidate, _ call: Call, _ budget: Budget, at now: Timestamp) -> Reason {
        Reason(
            code: .modelNotPriced,
            message: "\(priceGap(candidate, call, at: now).beginning), and \(budget.id) is hard.",
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
}
