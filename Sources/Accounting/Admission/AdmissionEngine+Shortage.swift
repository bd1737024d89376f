extension AdmissionEngine {
    /// Explains why `needs` are not met although PostgreSQL was asked.
    func shortage(of needs: [LeaseAsk.Need], _ candidate: Candidate, _ call: Call, at now: Moment) -> Reason {
        // `short` lists the needs for which PostgreSQL itself has too little money. A grant is all or nothing, so the
        // leases of the other windows may have stayed too small as well.
        let short = needs.filter { need in accounts[need.windowID].map { $0.obtainable < need.amount } ?? false }
        let reasons = (short.isEmpty ? needs : short).compactMap { need -> Reason? in
            guard let account = accounts[need.windowID], account.free < need.amount,
                let budget = configuration.scopes.budget(account.budgetNumber)
            else { return nil }
            return shortage(of: need, account, budget, Self.name(candidate, call), call, at: now)
        }
        // The call must fit all its budgets, so the reason that is least likely to pass soon decides.
        return Reason.Code.allCases.reversed().lazy
            .compactMap { code in reasons.first { $0.code == code } }.first
            ?? Reason(code: .fundsHeld, message: "The budgets of this call are busy.", retryAfterSeconds: 1)
    }

    private func shortage(
        of need: LeaseAsk.Need, _ account: WindowAccount, _ budget: Budget, _ model: String, _ call: Call,
        at now: Moment
    ) -> Reason {
        let amount = need.amount
        let left = account.limit.minus(account.spent)
        func sentence(_ ending: (_ name: String, _ want: String) -> String) -> String {
            self.sentence(
                ending(
                    budget.name(of: account.key.value, configuration.names), Self.want(need, call, budget.unit)))
        }
        if amount > account.limit {
            return Reason(
                code: .overCallLimit,
                message: sentence { name, want in
                    """
                    One call of \(model) \(want), more than all of \(name), \
                    which is \(budget.unit.phrase(account.limit)).
                    """
                },
                budgetID: budget.id, resetsAt: account.resetsAt)
        }
        if amount > left {
            return Reason(
                code: .budgetExhausted,
                message: sentence { name, want in
                    "\(name) has \(budget.unit.phrase(left)) left \(budget.period.phrase); \(model) \(want)."
                },
                budgetID: budget.id, resetsAt: account.resetsAt,
                retryAfterSeconds: account.resetsAt.map { $0.secondsCeiling(since: now.wall) })
        }
        return Reason(
            code: .fundsHeld,
            message: sentence { name, want in
                """
                \(name) has \(budget.unit.phrase(left)) left \(budget.period.phrase), but \
                \(holders(of: account, budget.unit)); \(model) \(want).
                """
            },
            budgetID: budget.id, resetsAt: account.resetsAt,
            retryAfterSeconds: secondsUntilRelease(in: account, at: now))
    }

    /// What a call needs, in a sentence.
    private static func want(_ need: LeaseAsk.Need, _ call: Call, _ unit: Budget.Unit) -> String {
        let full = "\(unit == .usd ? "could cost" : "could use") \(unit.phrase(need.fullAmount))"
        guard need.isClampable, let least = call.minOutputTokens else { return full }
        return """
            \(full), and still \(unit.phrase(need.amount)) with only \(Budget.Unit.tokens.phrase(least)) of output
            """
    }

    /// The model in a sentence. One that nobody asked for is named with the one that was.
    private static func name(_ candidate: Candidate, _ call: Call) -> String {
        candidate.isRequested ? candidate.name.model : "\(candidate.name.model), in place of \(call.model),"
    }

    /// Completes "has $5 left, but …".
    private func holders(of account: WindowAccount, _ unit: Budget.Unit) -> String {
        let parts = [
            (account.held, "held for calls in flight"),
            (account.leasedByGone, "kept for calls of a replica that ended"),
            (account.leasedElsewhere.minus(account.leasedByGone), "leased to other replicas"),
            (account.awaited, "kept for calls that wait"),
        ].filter { $0.0 > 0 }.map { "\(unit.phrase($0)) \(unit.verb($0)) \($1)" }
        return parts.isEmpty ? "it is busy" : parts.joined(separator: " and ")
    }

    /// Seconds until money may return to this window without a settlement: until the next of its holds here expires or the
    /// first lease of a gone replica returns. The lease of a live replica has no known time of return, so if only live
    /// replicas have the money, the answer is one second.
    private func secondsUntilRelease(in account: WindowAccount, at now: Moment) -> Int64 {
        let hold = account.held > 0 ? holds.nextExpiry(inWindow: account.windowID) : nil
        let gone = account.goneReturnsAt?.secondsCeiling(since: now.wall)
        return max(1, [hold?.secondsCeiling(since: now.monotonic), gone].compactMap(\.self).min() ?? 1)
    }
}
