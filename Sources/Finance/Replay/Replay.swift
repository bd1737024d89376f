import Accounting
import Ledger

/// What other budgets would have said of calls that were judged: the verdict log goes through a real `AdmissionEngine`,
/// record by record.
///
/// The engine has all money of the budgets, as the only replica of a deployment has. A call that it admits ends where it
/// ended in the log, with the usage that was settled. One that was denied in truth has no usage; it gets the mean of its
/// feature and model so far (`AssumedUsage`).
package struct Replay {
    let configuration: Configuration
    let rater: Rater
    let span: Range<Timestamp>
    /// Nil for all.
    private let team: String?
    var engine: AdmissionEngine
    var windows: ReplayWindows
    var openCalls: [HoldID: ReplayedCall] = [:]
    var assumed = AssumedUsage()
    var tally: ReplayTally
    private var expiredSecond: Int64 = 0

    /// - Parameters:
    ///   - configuration: with the budgets to try.
    ///   - span: the time whose calls are judged.
    ///   - opening: what the windows had spent before.
    ///   - team: whose calls are judged; nil for all.
    ///   - callLimits: those under which the calls were judged in truth.
    package init(
        _ configuration: Configuration, over span: Range<Timestamp>, opening: [BudgetSpending.Part],
        team: String? = nil, callLimits: CallLimits = .standard
    ) {
        self.configuration = configuration
        rater = configuration.rater
        self.span = span
        self.team = team
        engine = AdmissionEngine(replicaID: 1, configuration: configuration, callLimits: callLimits)
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
        case .extended(let more):
            let maker = HoldID(replicaID: more.makerID ?? replicaID, number: more.holdNumber)
            guard let hold = openCalls[maker]?.hold else { break }
            engine.extend(hold, byMicroseconds: more.microseconds, at: Self.moment(at))
        case .charge(let charge):
            if team == nil || team == charge.who.team { self.charge(charge) }
        }
    }

    /// How many calls were judged.
    package var callCount: Int64 { tally.callCount }
    /// How many windows are open.
    package var windowCount: Int { engine.windowCount }

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
        windows.close(by: now, &engine)
        guard now.seconds > expiredSecond else { return }
        expiredSecond = now.seconds
        for (hold, charges) in engine.beginExpiring(at: Self.moment(now.adding(seconds: -Self.graceSeconds))) {
            engine.finish(hold, charges, wasFirst: true)
        }
    }

    // MARK: Calls

    private mutating func judge(_ logged: LoggedCall, _ replicaID: Int64) {
        // Who was denied may ask again. What became of the call is then what this record says.
        if let earlier = assumed.take(logged.call.requestName) { takeBack(earlier) }
        let verdict = verdict(on: logged, at: Self.moment(logged.at))
        windows.openUnopened(&engine)
        let row = tally.count(logged, verdict)
        if let number = logged.holdNumber {
            openCalls[HoldID(replicaID: replicaID, number: number)] = ReplayedCall(
                call: logged, hold: verdict?.hold, maxOutputTokens: verdict?.maxOutputTokens, row: row)
        } else if let hold = verdict?.hold, hold.authorizedAt == logged.at {
            // An older hold is that of a call under way, which another server did not know of.
            assumed.add(hold, logged, most: verdict?.maxOutputTokens, row: row)
            tally.countAssumed()
        }
    }

    /// Nil for a call that gets none: the engine refuses it.
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
}
