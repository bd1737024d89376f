import HeapModule
import JSON

/// What the desk says to a call.
package enum AuthorizeOutcome: Sendable {
    /// The windows in `topUps` run low and should be asked more of.
    case verdict(Verdict, topUps: [Int64])
    case ask(LeaseAsk)
    /// The request id belongs to another call whose hold still lives.
    case conflict
    case refused([FieldError])
    case overCapacity
}

extension Desk {
    /// Judges a call. With `isFinal` it is not asked again: what leases do not cover is then denied. `refused` are models
    /// that PostgreSQL had no money for, so that lower ones are looked at without asking for these again.
    package mutating func authorize(
        _ call: Call, at now: Moment, isFinal: Bool, refused: ArraySlice<ModelName> = []
    ) -> AuthorizeOutcome {
        let fingerprint = call.hashValue
        if let number = holdNumbers[RequestKey(team: call.who.team, requestID: call.requestID)], !call.isDryRun,
            let open = holds[number], open.hold.expiresAt > now.wall
        {
            return open.fingerprint == fingerprint ? .verdict(open.verdict, topUps: []) : .conflict
        }
        guard holds.count < Self.maximumOpenHolds, !isDraining else { return .overCapacity }
        let candidates: [Candidate]
        let refusals: [Reason]
        switch Candidate.list(for: call, in: configuration, at: now.wall) {
        case .failure(let refused): return .refused(refused.errors)
        case .success(let list): (candidates, refusals) = list
        }
        var reasons = refusals
        for (index, candidate) in candidates.enumerated() {
            let isLast = index == candidates.count - 1
            switch fit(candidate, call, isLast: isLast, at: now) {
            case .unseen(let opens) where !isFinal:
                return .ask(LeaseAsk(opens: opens))
            case .unseen:
                return .overCapacity
            case .blocked(let reason):
                reasons.append(reason)
            case .short where !isFinal && !refused.contains(candidate.name):
                return .ask(ask(for: candidates[index...], call, at: now))
            case .short(let needs):
                reasons.append(shortage(of: needs, candidate, at: now.wall))
            case .fits(let charges):
                let verdict = admit(candidate, call, charges, reasons, fingerprint, at: now.wall)
                return .verdict(verdict, topUps: topUps(after: charges))
            }
        }
        let verdict = deny(call, candidates.first, reasons, at: now.wall)
        return .verdict(verdict, topUps: [])
    }

    private mutating func ask(for candidates: ArraySlice<Candidate>, _ call: Call, at now: Moment) -> LeaseAsk {
        var ask = LeaseAsk()
        for candidate in candidates {
            switch fit(candidate, call, isLast: candidate.isLast(of: candidates), at: now) {
            case .unseen(let opens): ask.opens += opens
            case .blocked: continue
            case .short(let needs):
                ask.alternatives.append(needs)
                ask.models.append(candidate.name)
            case .fits:
                ask.alternatives.append([])
                ask.models.append(candidate.name)
            }
        }
        return ask
    }

    private mutating func admit(
        _ candidate: Candidate, _ call: Call, _ charges: [Hold.Charge], _ reasons: [Reason], _ fingerprint: Int,
        at now: Timestamp
    ) -> Verdict {
        var hold: Hold?
        let expiresAt = now.adding(seconds: call.holdSeconds)
        if !call.isDryRun {
            hold = Hold(
                id: HoldID(replicaID: replicaID, number: nextHoldNumber), requestID: call.requestID, who: call.who,
                requestedModel: call.qualifiedModel, model: candidate.name, tier: call.tier,
                estimate: candidate.estimate.cost,
                authorizedAt: now, expiresAt: expiresAt, charges: charges)
            nextHoldNumber += 1
            for charge in charges {
                accounts[charge.windowID]!.held += charge.amount
                accounts[charge.windowID]!.lastUsedAt = now
                assert(!charge.isLeased || accounts[charge.windowID]!.held <= accounts[charge.windowID]!.lease)
            }
        }
        let isRequested = candidate.isRequested
        let verdict = Verdict(
            kind: isRequested ? .admit : .downgrade, requestID: call.requestID, model: candidate.name,
            estimate: candidate.estimate.cost, hold: hold, expiresAt: call.isDryRun ? nil : expiresAt,
            reason: isRequested ? nil : reasons.first, budgets: states(of: candidate.budgets, at: now),
            warnings: warnings(candidate, at: now))
        if let hold {
            holds[hold.id.number] = OpenHold(hold: hold, verdict: verdict, fingerprint: fingerprint)
            holdNumbers[RequestKey(team: call.who.team, requestID: call.requestID)] = hold.id.number
            expiries.insert(Expiry(expiresAt: expiresAt, holdNumber: hold.id.number))
            tally(verdict, of: call, at: now)
        }
        return verdict
    }

    private mutating func deny(
        _ call: Call, _ candidate: Candidate?, _ reasons: [Reason], at now: Timestamp
    ) -> Verdict {
        // A model that may not be used at all is told with the budgets that would have counted it.
        let budgets = candidate?.budgets ?? configuration.budgets(counting: call)
        for budget in budgets where reasons.contains(where: { $0.isExhaustion(of: budget) }) {
            noteExhausted(budget, at: now)
        }
        let verdict = Verdict(
            kind: .deny, requestID: call.requestID, model: nil, estimate: candidate?.estimate.cost, hold: nil,
            expiresAt: nil, reason: Reason.mostHopeful(reasons), budgets: states(of: budgets, at: now),
            warnings: [])
        if !call.isDryRun { tally(verdict, of: call, at: now) }
        return verdict
    }

    private mutating func states(of budgets: [Budget], at now: Timestamp) -> [BudgetState] {
        var states: [BudgetState] = []
        states.reserveCapacity(budgets.count)
        for budget in budgets {
            if let state = state(of: budget, at: now) { states.append(state) }
        }
        return states
    }

    private mutating func noteExhausted(_ budget: Budget, at now: Timestamp) {
        let key = WindowKey(budgetNumber: budget.number, span: currentSpan(of: budget, at: now))
        guard let windowID = windowIDs[key], accounts[windowID]?.isExhausted == false else { return }
        accounts[windowID]!.isExhausted = true
        exhausted.insert(windowID)
    }

    /// Windows in which calls have begun to be denied because not enough is left; they are the caller's from here on.
    package mutating func takeExhausted() -> Set<Int64> {
        defer { exhausted = [] }
        return exhausted
    }

    package mutating func putBack(exhausted windows: Set<Int64>) { exhausted.formUnion(windows) }
}

extension Reason {
    fileprivate func isExhaustion(of budget: Budget) -> Bool { code == .budgetExhausted && budgetID == budget.id }
}
