import Accounting
import Ledger

/// How calls end, and what they are charged.
extension Replay {
    mutating func end(_ end: LoggedEnd, _ maker: HoldID) {
        guard var open = openCalls.removeValue(forKey: maker) else { return }
        if end.how == .expired || end.how == .estimated {
            // It may still be settled.
            expire(&open, at: end.at)
            open.realEstimate = end.settled?.cost
            tally.spendReally(open.realEstimate, row: open.row)
            openCalls[maker] = open
            return
        }
        guard let settled = end.settled else {
            if let hold = open.hold { release(hold) }
            return
        }
        takeBackEstimate(of: open)
        spend(settled, of: open)
        tally.spendReally(settled.cost, row: open.row)
        assumed.learn(open.call, settled.quantities, endedAt: end.at)
    }

    /// What becomes of a hold that nobody has settled, the budgets that are tried say.
    private mutating func expire(_ open: inout ReplayedCall, at now: Timestamp) {
        guard let hold = open.hold else { return }
        (open.hold, open.hasExpired) = (nil, true)
        guard let entry = LedgerEntry(estimating: hold, by: engine.unsettled(hold), at: now) else {
            return release(hold)
        }
        let estimate = ReplayedCall.Spending(
            served: hold.model, cost: entry.rated.cost, tokens: entry.usage.quantities.totalTokens,
            occurredAt: hold.authorizedAt)
        settle(hold, estimate, row: open.row)
        open.estimate = estimate
    }

    /// A call that nobody had settled is settled after all.
    private mutating func takeBackEstimate(of open: ReplayedCall) {
        if let estimate = open.estimate { spend(estimate.reversed, by: open.call.call.who, row: open.row) }
        tally.spendReally(open.realEstimate.map { .zero - $0 }, row: open.row)
    }

    /// A call that the replay has denied is charged nothing.
    private mutating func spend(_ settled: LoggedEnd.Settled, of open: ReplayedCall) {
        let occurredAt = open.call.at.adding(microseconds: settled.occurredMicrosecondsLater)
        guard let hold = open.hold else {
            guard open.hasExpired, let served = settled.served ?? open.call.served else { return }
            let spending = ReplayedCall.Spending(
                served: served, cost: settled.cost, tokens: settled.quantities.totalTokens, occurredAt: occurredAt)
            return spend(spending, by: open.call.call.who, row: open.row)
        }
        if hold.model == open.call.served || settled.served != nil, !open.isCut(settled.quantities) {
            let spending = ReplayedCall.Spending(
                served: settled.served ?? hold.model, cost: settled.cost, tokens: settled.quantities.totalTokens,
                occurredAt: occurredAt)
            return settle(hold, spending, row: open.row)
        }
        // Another model, or a smaller answer, than in truth.
        let quantities = open.maxOutputTokens.map { settled.quantities.withOutput(atMost: $0) } ?? settled.quantities
        settle(hold, spending(quantities, of: hold, occurredAt: occurredAt), row: open.row)
    }

    mutating func endAssumed(_ call: AssumedUsage.Call) {
        let spending = spending(call.quantities, of: call.hold, occurredAt: call.hold.authorizedAt)
        settle(call.hold, spending, row: call.row)
        assumed.ended(call, charged: spending)
    }

    mutating func takeBack(_ call: AssumedUsage.Call) {
        if let spending = call.spending {
            spend(spending.reversed, by: call.hold.who, row: call.row)
        } else {
            release(call.hold)
        }
        tally.takeBackAssumed()
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
