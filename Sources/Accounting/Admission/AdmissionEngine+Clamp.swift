/// Why a candidate is held for less output than the call asks for.
struct Clamp: Sendable {
    /// The output that the call asks for on this model.
    let fullOutputTokens: Int64
    /// The number of the budget that has no room for one token of output more.
    let budgetNumber: Int64
}

extension AdmissionEngine {
    /// The output that `call` asks for on `candidate`, if it takes less than that.
    private func clampableOutput(_ candidate: Candidate, _ call: Call) -> (least: Int64, full: Int64)? {
        guard let least = call.minOutputTokens, let full = candidate.estimate.outputTokens(of: call), least < full
        else { return nil }
        return (least, full)
    }

    private func estimate(_ call: Call, on model: ModelName, outputTokens: Int64, at now: Moment) -> Estimate? {
        Estimate.worstCase(
            of: call.withOutput(atMost: outputTokens), on: configuration.prices.models[model],
            under: configuration.agreements, at: now.wall)
    }

    /// What `candidate` needs of each hard budget in `matched`: the least with which it can be admitted, and all that it
    /// asks for.
    func needs(of candidate: Candidate, _ call: Call, at now: Moment) -> [LeaseAsk.Need] {
        let least = clampableOutput(candidate, call).flatMap {
            estimate(call, on: candidate.name, outputTokens: $0.least, at: now)
        }
        return hardAccounts.map { terms, account in
            let full = terms.leasedAmount(of: candidate.estimate) ?? 0
            return LeaseAsk.Need(
                windowID: account.windowID, amount: least.flatMap(terms.leasedAmount) ?? full, fullAmount: full,
                holdSeconds: call.holdSeconds)
        }
    }

    /// What comes of a candidate that the leases do not cover in full.
    enum Settlement {
        case admit(Candidate, [Hold.Charge])
        /// PostgreSQL may have the money for it, and was not asked yet.
        case ask
        case next
    }

    /// Admits `candidate` with less output if PostgreSQL has too little for all of it. `refused` lists the choices for
    /// which PostgreSQL had no money; nil if it is asked no more.
    mutating func settleFor(
        _ needs: [LeaseAsk.Need], _ candidate: Candidate, _ call: Call, _ isLast: Bool,
        _ refused: ArraySlice<LeaseAsk.Choice>?, _ obtainable: LeaseAsk.Choice?, at now: Moment
    ) -> Settlement {
        let full = LeaseAsk.Choice(model: candidate.name, isClamped: false)
        let less = LeaseAsk.Choice(model: candidate.name, isClamped: true)
        if call.isDryRun, obtainable == full { return .admit(candidate, []) }
        if let refused, !refused.contains(full) { return .ask }
        guard needs.contains(where: \.isClampable) else { return .next }
        let isTold = call.isDryRun && obtainable == less
        let room: (WindowAccount) -> Int64 = isTold ? \.mostObtainable : \.free
        if let clamped = clamped(candidate, call, at: now, room: room) {
            if isTold { return .admit(clamped, []) }
            if case .fits(let charges) = check(clamped, call, isLast: isLast, opensAll: false, at: now) {
                return .admit(clamped, charges)
            }
        }
        return refused?.contains(less) == false ? .ask : .next
    }

    private var hardAccounts: [(terms: ScopeIndex.Terms, account: WindowAccount)] {
        matched.places.compactMap { place in
            guard place.terms.enforcement == .hard, let account = place.account else { return nil }
            return (place.terms, accounts[place: account])
        }
    }

    /// `candidate` with the largest output for which there is room in all hard budgets in `matched`; nil if there is none
    /// for the least output that the call takes. The cost never falls with more output, so the largest is found by
    /// halving. `room` is how much of a window the call may take.
    func clamped(_ candidate: Candidate, _ call: Call, at now: Moment, room: (WindowAccount) -> Int64) -> Candidate? {
        guard let (least, full) = clampableOutput(candidate, call) else { return nil }
        let limits = hardAccounts.map { (terms: $0.terms, room: room($0.account)) }
        func bound(_ estimate: Estimate) -> Int64? {
            limits.first { $0.terms.leasedAmount(of: estimate) ?? .max > $0.room }?.terms.number
        }
        func estimate(_ outputTokens: Int64) -> Estimate? {
            self.estimate(call, on: candidate.name, outputTokens: outputTokens, at: now)
        }
        guard var fitting = estimate(least), bound(fitting) == nil else { return nil }
        guard var budgetNumber = bound(candidate.estimate) else { return nil }
        var (most, tooMuch) = (least, full)
        while tooMuch - most > 1 {
            let middle = most + (tooMuch - most) / 2
            guard let next = estimate(middle) else { return nil }
            if let number = bound(next) {
                (tooMuch, budgetNumber) = (middle, number)
            } else {
                (most, fitting) = (middle, next)
            }
        }
        return candidate.clamped(to: fitting, Clamp(fullOutputTokens: full, budgetNumber: budgetNumber))
    }

    /// Says which budget made the answer smaller.
    func clampWarning(_ clamp: Clamp, _ candidate: Candidate, _ call: Call) -> CallWarning? {
        guard let budget = configuration.scopes.budget(clamp.budgetNumber),
            let most = candidate.estimate.outputTokens(of: call)
        else { return nil }
        let tokens = Budget.Unit.tokens
        return CallWarning(
            .outputClamped,
            """
            \(budget.id) has room \(budget.period.phrase) for \(tokens.phrase(most)) of output of \
            \(candidate.name.model), not for \(tokens.phrase(clamp.fullOutputTokens)): the call is held for these, and may \
            not ask for more.
            """)
    }
}

extension ScopeIndex.Terms {
    /// What a hold takes of this budget; nil if it is unknown. An unpriced call that the budget admits reserves the
    /// smallest amount possible, so that a budget with nothing left denies it.
    func leasedAmount(of estimate: Estimate) -> Int64? {
        estimate.amount(in: unit) ?? (unit == .usd && admitsUnpriced ? 1 : nil)
    }
}
