import Accounting
import Ledger

/// What other budgets would have said of calls that were judged: the verdict log goes through a real `AdmissionEngine`,
/// record by record.
///
/// The engine has all money of the budgets, as the only replica of a deployment has. A call that it admits ends where it
/// ended in the log, with the usage that was settled. One that was denied in truth has no usage; it gets the mean of its
/// feature and model so far (`AssumedUsage`).
package struct Replay {
    /// What the engine made of a call that the log has not ended yet.
    private struct OpenCall {
        let call: LoggedCall
        /// Nil where the replay denied the call, or its hold has expired.
        var hold: Hold?
        let maxOutputTokens: Int64?
        let row: Int
        /// Whether the hold has ended without usage: what still comes is a charge of its own.
        var hasExpired = false
    }

    let configuration: Configuration
    private let rater: Rater
    private let span: Range<Timestamp>
    /// Nil for all.
    private let team: String?
    private var engine: AdmissionEngine
    private var windows: ReplayWindows
    private var openCalls: [HoldID: OpenCall] = [:]
    private var assumed = AssumedUsage()
    private var tally: ReplayTally
    private var expiredSecond: Int64 = 0

    /// - Parameters:
    ///   - configuration: with the budgets to try.
    ///   - span: the time whose calls are judged.
    ///   - opening: what the windows had spent before.
    ///   - team: whose calls are judged; nil for all.
    package init(
        _ configuration: Configuration, over span: Range<Timestamp>, opening: [BudgetSpending.Part], team: String? = nil
    ) {
        self.configuration = configuration
        rater = configuration.rater
        self.span = span
        self.team = team
        engine = AdmissionEngine(replicaID: 1, configuration: configuration)
        engine.writesSentences = false
        windows = ReplayWindows(configuration, from: span.lowerBound, opening: opening)
        tally = ReplayTally(configuration)
    }

    /// Takes the next record of the log of `replicaID`.
    package mutating func take(_ record: VerdictRecord, of replicaID: Int64) {
        let at = record.at
        guard at >= span.lowerBound, at < span.upperBound else { return }
        pass(to: at)
        switch record {
        case .call(let call):
            if team == nil || team == call.call.who.team { judge(call, replicaID) }
        case .end(let end): self.end(end, HoldID(replicaID: end.makerID ?? replicaID, number: end.holdNumber))
        case .charge(let charge):
            if team == nil || team == charge.who.team { self.charge(charge) }
        }
    }

    /// What came of it.
    package mutating func result() -> ReplayResult {
        while let end = assumed.nextEnd(by: span.upperBound) { endAssumed(end) }
        return tally.result
    }

    // MARK: Time

    private static func moment(_ wall: Timestamp) -> Moment {
        Moment(wall: wall, monotonicNanoseconds: wall.microseconds * 1_000)
    }

    /// A hold whose end the log lacks lasts this long beyond its time.
    private static let graceSeconds: Int64 = 10

    private mutating func pass(to now: Timestamp) {
        while let end = assumed.nextEnd(by: now) { endAssumed(end) }
        windows.expire(by: now, &engine)
        guard now.seconds > expiredSecond else { return }
        expiredSecond = now.seconds
        for (hold, charges) in engine.beginExpiring(at: Self.moment(now.adding(seconds: -Self.graceSeconds))) {
            engine.finish(hold, charges, wasFirst: true)
        }
    }

    // MARK: Calls

    private mutating func judge(_ logged: LoggedCall, _ replicaID: Int64) {
        let now = Self.moment(logged.at)
        guard let verdict = verdict(on: logged, at: now) else { return }
        windows.openUnopened(&engine)
        let row = tally.count(logged, verdict)
        let maker = logged.holdNumber.map { HoldID(replicaID: replicaID, number: $0) }
        if let maker {
            openCalls[maker] = OpenCall(
                call: logged, hold: verdict.hold, maxOutputTokens: verdict.maxOutputTokens, row: row)
        } else if let hold = verdict.hold {
            assumed.add(hold, logged, most: verdict.maxOutputTokens, row: row)
            tally.countAssumed()
        }
    }

    private mutating func verdict(on logged: LoggedCall, at now: Moment) -> Verdict? {
        // Whether the request has its entry does not depend on budgets.
        let isSettled = logged.reason == .requestSettled
        while true {
            switch engine.authorize(logged.call, at: now, isFinal: true, isSettled: isSettled) {
            case .verdict(let verdict, _): return verdict
            case .overCapacity:
                // A window of the call is not open yet.
                guard case .ask(let ask) = engine.authorize(logged.call, at: now, isFinal: false, isSettled: isSettled),
                    !ask.opens.isEmpty
                else { return nil }
                for key in ask.opens { windows.open(key, &engine) }
            case .ask, .held, .conflict, .refused: return nil
            }
        }
    }

    // MARK: Ends

    private mutating func end(_ end: LoggedEnd, _ maker: HoldID) {
        guard var open = openCalls.removeValue(forKey: maker) else { return }
        guard let settled = end.settled else {
            if let hold = open.hold { release(hold) }
            // A call whose hold has expired may still be settled.
            guard end.how == .expired else { return }
            (open.hold, open.hasExpired) = (nil, true)
            openCalls[maker] = open
            return
        }
        let call = open.call.call
        assumed.learn(open.call, settled.quantities, endedAt: end.at)
        tally.spendReally(settled.cost, row: open.row)
        let occurredAt = open.call.at.adding(microseconds: settled.occurredMicrosecondsLater)
        guard let hold = open.hold else {
            guard open.hasExpired, let served = settled.served ?? open.call.served else { return }
            return spend(
                call.who, served, settled.cost, settled.quantities.totalTokens, occurredAt: occurredAt, row: open.row)
        }
        let served = settled.served
        if hold.model == open.call.served || served != nil, !isCut(settled.quantities, open) {
            return settle(
                hold, served: served ?? hold.model, settled.cost, settled.quantities, occurredAt: occurredAt,
                row: open.row)
        }
        // Another model, or a smaller answer, than in truth.
        let quantities = open.maxOutputTokens.map { settled.quantities.withOutput(atMost: $0) } ?? settled.quantities
        let cost = rate(quantities, hold, at: occurredAt)
        settle(hold, served: hold.model, cost, quantities, occurredAt: occurredAt, row: open.row)
    }

    /// Whether the call put out more than the replay allows.
    private func isCut(_ quantities: Quantities, _ open: OpenCall) -> Bool {
        guard let most = open.maxOutputTokens, open.call.maxOutputTokens.map({ most < $0 }) ?? true else {
            return false
        }
        return quantities.outputTokens > most
    }

    private func rate(_ quantities: Quantities, _ hold: Hold, at moment: Timestamp) -> Money? {
        rater.rate(
            quantities, of: hold.who.team, on: hold.model, tier: hold.tier, region: hold.region, at: moment
        ).cost
    }

    private mutating func endAssumed(_ end: AssumedUsage.End) {
        let cost = rate(end.quantities, end.hold, at: end.hold.authorizedAt)
        settle(
            end.hold, served: end.hold.model, cost, end.quantities, occurredAt: end.hold.authorizedAt, row: end.row)
    }

    private mutating func release(_ hold: Hold) {
        engine.finish(hold, engine.beginVoiding(hold), wasFirst: true)
    }

    private mutating func settle(
        _ hold: Hold, served: ModelName, _ cost: Money?, _ quantities: Quantities, occurredAt: Timestamp, row: Int
    ) {
        let charges = engine.beginSettling(
            hold, served: served, cost: cost, tokens: quantities.totalTokens, occurredAt: occurredAt)
        engine.finish(hold, charges, wasFirst: true)
        apply(charges)
        tally.spend(cost, row: row)
    }

    // MARK: Charges without a hold

    private mutating func charge(_ charge: LoggedCharge) {
        // What was used before is in what the windows had spent.
        guard charge.occurredAt >= span.lowerBound else { return }
        let row = tally.row(charge.who, at: charge.at)
        tally.spendReally(charge.cost, row: row)
        spend(charge.who, charge.served, charge.cost, charge.tokens, occurredAt: charge.occurredAt, row: row)
    }

    private mutating func spend(
        _ who: Attribution, _ served: ModelName, _ cost: Money?, _ tokens: Int64, occurredAt: Timestamp, row: Int
    ) {
        apply(engine.charges(for: who, model: served, cost: cost, tokens: tokens, occurredAt: occurredAt))
        tally.spend(cost, row: row)
    }

    private mutating func apply(_ charges: [WindowCharge]) {
        for charge in charges where charge.isCounted {
            if let number = windows.apply(charge, &engine) { tally.spend(charge.spent, ofBudget: number) }
        }
    }
}
