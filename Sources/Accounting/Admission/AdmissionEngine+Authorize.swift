import JSON

/// The engine's answer to a call that asks for authorization.
package enum AuthorizeOutcome: Sendable {
    /// The engine has decided. The leases of the windows in `topUps` run low, so more money should be requested for
    /// them.
    case verdict(Verdict, topUps: [Int64])
    case ask(LeaseAsk)
    /// Only money that is held stands in the way, and the call may wait for it. The ask says what it needs.
    case held(LeaseAsk)
    /// A different call uses the same request id, and its hold has not expired.
    case conflict
    case refused([FieldError])
    case overCapacity
}

extension AdmissionEngine {
    /// Decides a call. If `isFinal` is set, the engine does not ask PostgreSQL again: it rules out each model whose
    /// cost the leases do not cover. `refused` lists the choices for which PostgreSQL had no money; the engine tries those
    /// below them without asking for these again. `obtainable` is the choice for which PostgreSQL has the money of a dry
    /// run, which takes no lease.
    ///
    /// `mayWait` says whether a call that has `waitMilliseconds` may still wait for money that is held.
    ///
    /// `isSettled` says whether the ledger has an entry of the request; nil if it was not asked. It is asked where this
    /// replica remembers one.
    ///
    /// A dry run changes nothing that a verdict, a count or an alert depends on.
    package mutating func authorize(
        _ call: Call, at now: Moment, isFinal: Bool, refused: ArraySlice<LeaseAsk.Choice> = [],
        obtainable: LeaseAsk.Choice? = nil, mayWait: Bool = false, isSettled: Bool? = nil
    ) -> AuthorizeOutcome {
        // Here, where the budgets are those of the same configuration: none may be missed while a feature moves.
        guard !configuration.moves.isEmpty, let who = configuration.moves.counted(call.who) else {
            return judge(
                call, at: now, isFinal: isFinal, refused: refused, obtainable: obtainable, mayWait: mayWait,
                isSettled: isSettled)
        }
        return judge(
            call.counted(for: who), at: now, isFinal: isFinal, refused: refused, obtainable: obtainable,
            mayWait: mayWait, isSettled: isSettled)
    }

    private mutating func judge(
        _ call: Call, at now: Moment, isFinal: Bool, refused: ArraySlice<LeaseAsk.Choice>,
        obtainable: LeaseAsk.Choice?, mayWait: Bool, isSettled: Bool?
    ) -> AuthorizeOutcome {
        let requestHash = call.requestHash
        if !call.isDryRun, let place = holds.place(of: call, requestHash: requestHash),
            holds[place].expiresAt > now.monotonic
        {
            guard holds[place].fingerprint == call.fingerprint else { return .conflict }
            holds[place].isSharedWithRepeat = true
            return .verdict(holds[place].verdict, topUps: [])
        }
        guard holds.count < Self.maximumOpenHolds, !isDraining else { return .overCapacity }
        if isSettled == true { return .verdict(deny(call, nil, [Self.settled(call)], at: now.wall), topUps: []) }
        if isSettled == nil, !isFinal, mayBeSettled(requestHash: requestHash) {
            return .ask(LeaseAsk(request: call.requestName))
        }
        let candidates: Candidates
        do {
            candidates = try Candidates.list(for: call, in: configuration, within: callLimits, at: now.wall)
        } catch {
            return .refused(error.errors)
        }
        var reasons = candidates.refusals
        for index in 0..<candidates.count {
            let candidate = candidates[index]
            let isLast = index == candidates.count - 1
            switch check(candidate, call, isLast: isLast, opensAll: call.isDryRun && !isFinal, at: now) {
            case .unseen(let ask) where !isFinal:
                return .ask(call.isDryRun ? LeaseAsk(opens: ask.opens) : ask)
            case .unseen:
                return .overCapacity
            case .blocked(let reason):
                reasons.append(reason)
            case .unbounded(let budget) where candidate.isRequested:
                return .refused([Candidates.unbounded(call, budget)])
            case .unbounded: continue
            case .short(let needs):
                switch settleFor(needs, candidate, call, isLast, isFinal ? nil : refused, obtainable, at: now) {
                case .admit(let admitted, let charges):
                    return outcome(admitting: admitted, call, requestHash, charges, reasons, at: now)
                case .ask: return .ask(ask(for: candidates, from: index, call, at: now))
                case .next: reasons.append(shortage(of: needs, candidate, call, at: now))
                }
            case .fits(let charges):
                return outcome(admitting: candidate, call, requestHash, charges, reasons, at: now)
            }
        }
        if mayWait, Reason.mostHopeful(reasons)?.code == .fundsHeld {
            let ask = ask(for: candidates, from: 0, call, at: now)
            if !ask.alternatives.isEmpty { return .held(ask) }
        }
        reasons += candidates.lowerRefusals
        let judged = candidates.overContext ?? (candidates.count > 0 ? candidates[0] : nil)
        let verdict = deny(call, judged, reasons, at: now.wall)
        return .verdict(verdict, topUps: [])
    }

    private mutating func ask(for candidates: Candidates, from first: Int, _ call: Call, at now: Moment) -> LeaseAsk {
        var ask = LeaseAsk()
        ask.isDryRun = call.isDryRun
        for index in first..<candidates.count {
            let candidate = candidates[index]
            switch check(candidate, call, isLast: index == candidates.count - 1, opensAll: false, at: now) {
            case .unseen(let other): ask.opens += other.opens
            case .blocked, .unbounded: continue
            case .short(let needs):
                ask.add(needs.map(\.inFull), LeaseAsk.Choice(model: candidate.name, isClamped: false))
                if needs.contains(where: \.isClampable) {
                    ask.add(needs, LeaseAsk.Choice(model: candidate.name, isClamped: true))
                }
            case .fits: ask.add([], LeaseAsk.Choice(model: candidate.name, isClamped: false))
            }
        }
        return ask
    }

    private mutating func outcome(
        admitting candidate: Candidate, _ call: Call, _ requestHash: UInt64, _ charges: [Hold.Charge],
        _ reasons: [Reason], at now: Moment
    ) -> AuthorizeOutcome {
        guard let verdict = admit(candidate, call, requestHash, charges, reasons, at: now) else {
            return .refused([tooLongForAToken(matched.count)])
        }
        return .verdict(verdict, topUps: call.isDryRun ? [] : topUps(after: charges))
    }

    /// Every replica must find a hold's charges in its token alone, so what no token can name is not held.
    private func tooLongForAToken(_ budgets: Int) -> FieldError {
        FieldError(
            pointer: "",
            detail: """
                is counted by \(budgets) budgets: with its names and tags, that is more than a hold_id of \
                \(HoldTokenCipher.maximumCharacters) characters can hold; shorten them, or remove budgets
                """)
    }

    /// Admits `call` on `candidate`. `matched` must contain the budgets that count the candidate. Nil, with nothing
    /// held, if the hold would be too long for a token.
    private mutating func admit(
        _ candidate: Candidate, _ call: Call, _ requestHash: UInt64, _ charges: [Hold.Charge], _ reasons: [Reason],
        at now: Moment
    ) -> Verdict? {
        let requestedModel = call.qualifiedModel
        let expiresAt = now.wall.adding(seconds: call.holdSeconds)
        let made = Hold(
            id: HoldID(replicaID: replicaID, number: nextHoldNumber), requestID: call.requestID, who: call.who,
            requestedModel: requestedModel, model: candidate.name, tier: call.tier,
            region: call.region, estimate: candidate.estimate.cost, declared: candidate.estimate.declared(by: call),
            authorizedAt: now.wall, expiresAt: expiresAt, charges: charges)
        guard HoldTokenCipher.canEncrypt(made) else { return nil }
        let hold = call.isDryRun ? nil : made
        if hold != nil {
            nextHoldNumber += 1
            for index in charges.indices { take(charges[index], matched.accounts[index], at: now) }
        }
        let isRequested = candidate.isRequested
        let (states, warnings) = (statesOfCounting(), warnings(candidate, call, at: now.wall))
        let maxOutputTokens = candidate.estimate.outputTokens(of: call)
        let askedName = askedName(candidate, call)
        let verdict: Verdict
        if let hold, isRequested, warnings.isEmpty, askedName == nil {
            verdict = Verdict(admitting: hold, maxOutputTokens: maxOutputTokens, budgets: states)
        } else {
            verdict = Verdict(
                kind: isRequested ? .admit : .downgrade, requestID: call.requestID, model: candidate.name,
                estimate: candidate.estimate.cost, hold: hold, expiresAt: call.isDryRun ? nil : expiresAt,
                maxOutputTokens: maxOutputTokens, reason: isRequested ? nil : reasons.first, budgets: states,
                warnings: warnings, askedName: askedName)
        }
        if let hold {
            holds.add(
                OpenHold(
                    hold: hold, verdict: verdict, expiresAt: now.monotonic.adding(seconds: call.holdSeconds),
                    fingerprint: call.fingerprint, requestHash: requestHash))
            verdictCounts.count(verdict, of: call, requestedModel, on: configuration.accountingZone.day(at: now.wall))
            verdictLog.note(verdict, of: call, at: now.wall)
        }
        return verdict
    }

    /// The name that was asked for, without its provider, where the price book has the model only under another that it
    /// was derived from; nearly always nil.
    private func askedName(_ candidate: Candidate, _ call: Call) -> String? {
        guard candidate.derivedBy?.isDerived == true else { return nil }
        return ModelName.withoutPrefix(candidate.name.provider, call.model) ?? call.model
    }

    private mutating func take(_ charge: Hold.Charge, _ place: Int, at now: Moment) {
        accounts[place: place].held.increase(by: charge.amount)
        accounts[place: place].lastUsedAt = now.monotonic
        accounts[place: place].noteTypicalHold(charge.amount)
        assert(!charge.isLeased || accounts[place: place].held <= accounts[place: place].lease)
    }

    private mutating func deny(
        _ call: Call, _ candidate: Candidate?, _ reasons: [Reason], at now: Timestamp
    ) -> Verdict {
        // If no model may be used, the verdict lists the budgets that would have counted the requested one.
        let model = candidate?.name ?? configuration.prices.name(of: call.model, provider: call.provider)
        count(call.who, model, at: now)
        if !call.isDryRun {
            for index in matched.indices {
                let id = matchedBudget(index).id
                if reasons.contains(where: { $0.code == .budgetExhausted && $0.budgetID == id }) {
                    noteExhausted(index)
                }
            }
        }
        let verdict = Verdict(
            kind: .deny, requestID: call.requestID, model: nil, estimate: candidate?.estimate.cost, hold: nil,
            expiresAt: nil, reason: Reason.mostHopeful(reasons), budgets: statesOfCounting(), warnings: [])
        if !call.isDryRun {
            verdictCounts.count(verdict, of: call, call.qualifiedModel, on: configuration.accountingZone.day(at: now))
            verdictLog.note(verdict, of: call, at: now)
        }
        return verdict
    }

    /// Notes that a call was denied for money, if it is not just this call that is too large for what is left.
    private mutating func noteExhausted(_ index: Int) {
        guard let place = matched[index].account, !accounts[place: place].isExhausted, accounts[place: place].isUsedUp
        else { return }
        accounts[place: place].isExhausted = true
        exhausted.insert(accounts[place: place].windowID)
    }

    /// Returns the windows that are used up and in which calls have begun to be denied for it, and forgets them. The
    /// caller must write their alerts or return them with `putBack`.
    package mutating func takeExhausted() -> Set<Int64> {
        defer { exhausted = [] }
        return exhausted
    }

    package mutating func putBack(exhausted windows: Set<Int64>) { exhausted.formUnion(windows) }
}
