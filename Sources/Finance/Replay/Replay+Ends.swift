import Accounting

/// How calls end, and what they are charged.
extension Replay {
    mutating func end(_ end: LoggedEnd, _ maker: HoldID) {
        guard var open = openCalls.removeValue(forKey: maker) else { return }
        guard let settled = end.settled else {
            if let hold = open.hold { release(hold) }
            // A call whose hold has expired may still be settled.
            guard end.how == .expired else { return }
            (open.hold, open.hasExpired) = (nil, true)
            openCalls[maker] = open
            return
        }
        takeBackEstimate(of: open)
        let spending = spend(settled, of: open)
        tally.spendReally(settled.cost, row: open.row)
        guard end.how == .estimated else {
            return assumed.learn(open.call, settled.quantities, endedAt: end.at)
        }
        if open.hold != nil { (open.hold, open.hasExpired) = (nil, true) }
        (open.estimate, open.realEstimate) = (spending, settled.cost)
        openCalls[maker] = open
    }

    /// A call that nobody had settled is settled after all.
    private mutating func takeBackEstimate(of open: ReplayedCall) {
        if let estimate = open.estimate { spend(estimate.reversed, by: open.call.call.who, row: open.row) }
        tally.spendReally(open.realEstimate.map { .zero - $0 }, row: open.row)
    }

    /// Returns what the call is charged; nil where the replay has denied it.
    private mutating func spend(_ settled: LoggedEnd.Settled, of open: ReplayedCall) -> ReplayedCall.Spending? {
        let occurredAt = open.call.at.adding(microseconds: settled.occurredMicrosecondsLater)
        guard let hold = open.hold else {
            guard open.hasExpired, let served = settled.served ?? open.call.served else { return nil }
            let spending = ReplayedCall.Spending(
                served: served, cost: settled.cost, tokens: settled.quantities.totalTokens, occurredAt: occurredAt)
            spend(spending, by: open.call.call.who, row: open.row)
            return spending
        }
        if hold.model == open.call.served || settled.served != nil, !open.isCut(settled.quantities) {
            let spending = ReplayedCall.Spending(
                served: settled.served ?? hold.model, cost: settled.cost, tokens: settled.quantities.totalTokens,
                occurredAt: occurredAt)
            settle(hold, spending, row: open.row)
            return spending
        }
        // Another model, or a smaller answer, than in truth.
        let quantities = open.maxOutputTokens.map { settled.quantities.withOutput(atMost: $0) } ?? settled.quantities
        let spending = spending(quantities, of: hold, occurredAt: occurredAt)
        settle(hold, spending, row: open.row)
        return spending
    }

    mutating func endAssumed(_ end: AssumedUsage.End) {
        settle(end.hold, spending(end.quantities, of: end.hold, occurredAt: end.hold.authorizedAt), row: end.row)
    }

    /// Takes a charge without a hold.
    mutating func charge(_ charge: LoggedCharge) {
        // What was used before is in what the windows had spent.
        guard charge.occurredAt >= span.lowerBound else { return }
        let row = tally.row(charge.who, at: charge.at)
        tally.spendReally(charge.cost, row: row)
        let spending = ReplayedCall.Spending(
            served: charge.served, cost: charge.cost, tokens: charge.tokens, occurredAt: charge.occurredAt,
            calls: charge.calls)
        spend(spending, by: charge.who, row: row)
    }

    private func spending(_ quantities: Quantities, of hold: Hold, occurredAt: Timestamp) -> ReplayedCall.Spending {
        let cost = rater.rate(
            quantities, of: hold.who.team, on: hold.model, tier: hold.tier, region: hold.region, at: occurredAt
        ).cost
        return ReplayedCall.Spending(
            served: hold.model, cost: cost, tokens: quantities.totalTokens, occurredAt: occurredAt)
    }

    private mutating func release(_ hold: Hold) {
        engine.finish(hold, engine.beginVoiding(hold), wasFirst: true)
    }

    private mutating func settle(_ hold: Hold, _ spending: ReplayedCall.Spending, row: Int) {
        let charges = engine.beginSettling(
            hold, served: spending.served, cost: spending.cost, tokens: spending.tokens,
            occurredAt: spending.occurredAt)
        engine.finish(hold, charges, wasFirst: true)
        apply(charges)
        tally.spend(spending.cost, row: row)
    }

    private mutating func spend(_ spending: ReplayedCall.Spending, by who: Attribution, row: Int) {
        apply(
            engine.charges(
                for: who, model: spending.served, cost: spending.cost, tokens: spending.tokens, calls: spending.calls,
                occurredAt: spending.occurredAt))
        tally.spend(spending.cost, row: row)
    }

    private mutating func apply(_ charges: [WindowCharge]) {
        for charge in charges where charge.isCounted {
            if let number = windows.apply(charge, &engine) { tally.spend(charge.spent, ofBudget: number) }
        }
    }
}
