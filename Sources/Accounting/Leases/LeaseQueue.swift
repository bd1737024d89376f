/// Collects the calls that wait for money, and everything else to tell PostgreSQL about leases, while one grant batch
/// is under way. Thus one transaction at a time asks for many waiting calls (`GrantBacklog`).
///
/// The queue itself neither waits nor sends. `next` returns the request to send, and `took` applies its outcome.
package struct LeaseQueue: Sendable {
    struct Waiter: Sendable {
        let ticket: Int64
        let call: Call
        var ask: LeaseAsk
        let deadlineNanoseconds: Int64
        /// Until when the call waits for money that is held.
        var waitsUntilNanoseconds: Int64 = 0
        var isInLine = false
        /// Whether the ledger has an entry of the request; nil if it was not asked.
        var isSettled: Bool?

        func mayWait(at now: Moment) -> Bool {
            call.waitMilliseconds > 0 && !call.isDryRun && now.monotonicNanoseconds < waitsUntilNanoseconds
        }
    }

    /// The batch that was sent, and what its outcome decides.
    private struct UnderWay {
        let batch: GrantBatch
        let waiters: [Waiter]
        let opens: Set<WindowKey>
    }

    /// The next request to send to PostgreSQL.
    package enum Request: Sendable {
        case grant(GrantBatch)
        /// Asks whether this batch was committed. Its commit was sent and not answered.
        case inquire(GrantBatch)
    }

    /// The end of a call's wait. `outcome` is nil if there was no answer in time.
    package struct Answer: Sendable {
        package let ticket: Int64
        package let outcome: AuthorizeOutcome?
        /// The hold that this answer made. If the caller no longer waits, nobody knows of this hold, and it must be
        /// removed again.
        package let madeHold: Hold?
    }

    /// The longest time that a call waits for money. After it, the engine decides with the money there is; a call that
    /// would have to ask once more gets no answer.
    package static let timeoutNanoseconds: Int64 = 200_000_000
    /// How often a call asks again during a revocation, in case no notification of returned money arrives.
    static let lookAgainNanoseconds: Int64 = 20_000_000
    /// How long the queue sends nothing after a batch has failed.
    static let pauseNanoseconds: Int64 = 50_000_000

    private var backlog = GrantBacklog()
    /// Calls that wait for a revocation of idle leases.
    private(set) var parked: [Waiter] = []
    private var looksAgainAtNanoseconds: Int64 = 0
    /// Calls that wait for money that is held.
    private(set) var line = WaitingLine()

    private var lastNumber: Int64 = 0
    private var underWay: UnderWay?
    /// The result of the batch under way if PostgreSQL has committed it. Set once the answer to its commit is lost.
    private var unanswered: GrantBatch.Result?
    private var meanwhile = HeardMeanwhile()
    private var isSent = false
    private var pausedUntilNanoseconds: Int64 = 0

    package init() {}

    package var isIdle: Bool { underWay == nil && backlog.isEmpty && parked.isEmpty && line.isEmpty }
    /// How many calls wait for money that is held.
    package var waitingCount: Int { line.waiters.count }
    /// These calls, in order.
    package var waitingCalls: [Call] { line.waiters.map(\.call) }

    package mutating func wait(_ call: Call, _ ask: LeaseAsk, ticket: Int64, at now: Moment) {
        backlog.waiting.append(
            Waiter(
                ticket: ticket, call: call, ask: ask,
                deadlineNanoseconds: now.monotonicNanoseconds + Self.timeoutNanoseconds,
                waitsUntilNanoseconds: now.monotonicNanoseconds + call.waitMilliseconds * 1_000_000))
    }

    package mutating func topUp(_ windows: [Int64]) { backlog.topUps.formUnion(windows) }

    /// Queues idle money to give back. The money has already left the leases in memory.
    package mutating func giveBack(_ amounts: [Int64: Int64]) { backlog.giveBack(amounts) }

    /// Queues the windows that the engine wants opened while no call waits for them.
    package mutating func takeUnopened(from engine: inout AdmissionEngine) {
        if !engine.unopened.isEmpty { backlog.opens.formUnion(engine.takeUnopened()) }
    }

    /// Notes that a call waits for this replica's idle money in `windows`. The next batch gives it back.
    package mutating func revoke(_ windows: Set<Int64>) { backlog.revoked.formUnion(windows) }

    /// Hears that calls wait for idle money in `windows`.
    package mutating func hear(revoked windows: Set<Int64>, _ engine: AdmissionEngine) {
        let known = windows.filter { engine.hasAccount(ofWindow: $0) }
        revoke(known)
        if underWay != nil { meanwhile.revoked.formUnion(windows.subtracting(known)) }
    }

    /// Applies rows of windows whose limits have changed.
    package mutating func learn(changed facts: [WindowFacts], _ engine: inout AdmissionEngine, at now: Moment) {
        if underWay != nil { meanwhile.changed += facts }
        apply(facts, &engine, at: now)
    }

    private mutating func apply(_ facts: [WindowFacts], _ engine: inout AdmissionEngine, at now: Moment) {
        for fact in facts where engine.hasAccount(ofWindow: fact.windowID) { engine.learn(fact) }
        // If a limit was lowered, idle leases shrink at once.
        giveBack(engine.takeIdle(at: now, ofWindows: facts.map(\.windowID)))
    }

    /// Makes all calls that wait ask again, because another replica has given back idle money.
    package mutating func lookAgain() {
        unpark()
        line.wake()
    }

    /// Makes the calls that wait for held money ask again, because some may have come free.
    package mutating func moneyMayBeFree() { line.wake() }

    private mutating func unpark() {
        backlog.waiting = parked + backlog.waiting
        parked = []
    }

    /// The latest time at which to call `next` again; nil if only an event can give it something to do.
    package var wakeAtNanoseconds: Int64? {
        if isSent { return nil }
        if underWay != nil || !backlog.isEmpty { return pausedUntilNanoseconds }
        let looks = [parked.isEmpty ? nil : looksAgainAtNanoseconds, line.isEmpty ? nil : line.looksAtNanoseconds]
        return looks.compactMap(\.self).min().map { max(pausedUntilNanoseconds, $0) }
    }

    /// The next request to send; nil if there is none or if an answer is outstanding.
    package mutating func next(_ engine: inout AdmissionEngine, at now: Moment) -> Request? {
        guard let due = wakeAtNanoseconds, now.monotonicNanoseconds >= due else { return nil }
        if let underWay {
            isSent = true
            return .inquire(underWay.batch)
        }
        if now.monotonicNanoseconds >= looksAgainAtNanoseconds { unpark() }
        let isLineDue = !line.isEmpty && now.monotonicNanoseconds >= line.looksAtNanoseconds
        // Who came later asks behind the line.
        if isLineDue || line.isWanted(by: backlog.waiting) { backlog.waiting = line.ask(at: now) + backlog.waiting }
        var portion = backlog.takePortion()
        portion.opens = portion.opens.filter { !engine.knows($0) && !$0.isOver(by: now.wall) }
        if portion.isEmpty { return nil }
        var asks = portion.waiting.map(\.ask)
        var snapshot = engine.beginGrantBatch(asks, topUps: portion.topUps, revoked: portion.revoked, at: now)
        snapshot.givenBack.merge(portion.givenBack, uniquingKeysWith: { $0.plus($1) })
        // Behind the asks of the calls that wait, because nobody is answered by it.
        if !portion.opens.isEmpty { asks.append(LeaseAsk(opens: Array(portion.opens))) }
        lastNumber += 1
        let batch = GrantBatch(number: lastNumber, replicaID: engine.replicaID, asks: asks, snapshot: snapshot)
        underWay = UnderWay(batch: batch, waiters: portion.waiting, opens: portion.opens)
        isSent = true
        return .grant(batch)
    }

    /// Applies the outcome of the batch under way.
    package mutating func took(_ outcome: GrantBatch.Outcome, _ engine: inout AdmissionEngine, at now: Moment)
        -> [Answer]
    {
        guard let sent = underWay else { return [] }
        let (batch, waiters) = (sent.batch, sent.waiters)
        isSent = false
        if case .unanswered(let result) = outcome {
            unanswered = result
            pausedUntilNanoseconds = now.monotonicNanoseconds + Self.pauseNanoseconds
            return []
        }
        underWay = nil
        unanswered = nil
        defer { meanwhile = HeardMeanwhile() }
        switch outcome {
        case .committed(let result):
            engine.endGrantBatch(
                result.facts, result.plan, batch.snapshot, openingHeadroom: result.openingHeadroom, at: now)
            revoke(meanwhile.revoked.filter { engine.hasAccount(ofWindow: $0) })
            apply(meanwhile.changed, &engine, at: now)
            return judge(waiters, result, &engine, at: now)
        case .failed, .refused, .gone, .unanswered:
            engine.abandonGrantBatch(batch.snapshot)
            // If PostgreSQL refuses to take money back, the money stays leased but unused until this replica ends.
            if case .failed = outcome {
                giveBack(batch.snapshot.givenBack)
                revoke(batch.snapshot.revoked)
                backlog.opens.formUnion(sent.opens)
            }
            pausedUntilNanoseconds = now.monotonicNanoseconds + Self.pauseNanoseconds
            return waiters.filter { !$0.isInLine }.compactMap { retry($0, $0.ask, at: now) }
        }
    }

    /// Applies the answer to whether the batch with the unknown outcome was committed.
    package mutating func learned(wasCommitted: Bool, _ engine: inout AdmissionEngine, at now: Moment) -> [Answer] {
        guard let result = unanswered else { return [] }
        return took(wasCommitted ? .committed(result) : .failed, &engine, at: now)
    }

    /// Keeps the question open because nobody could answer it. It is asked again after a pause.
    package mutating func inquiryFailed(at now: Moment) {
        isSent = false
        pausedUntilNanoseconds = now.monotonicNanoseconds + Self.pauseNanoseconds
    }

    /// Forgets everything about the leases of a replica that was declared gone. Calls keep waiting.
    package mutating func startAnew() {
        if let underWay { backlog.waiting = underWay.waiters.filter { !$0.isInLine } + backlog.waiting }
        lookAgain()
        (underWay, unanswered, meanwhile, isSent) = (nil, nil, HeardMeanwhile(), false)
        backlog = GrantBacklog(waiting: backlog.waiting)
        lastNumber = 0
        for index in backlog.waiting.indices { backlog.waiting[index].ask.revocations = [:] }
    }

    /// Decides the calls of a batch in the order in which they came. A call is denied if PostgreSQL has no money for
    /// it, or waits in line if the money is only held. If another call took its money in the meantime, the call asks
    /// again until its deadline; then it gets no answer.
    private mutating func judge(
        _ waiters: [Waiter], _ result: GrantBatch.Result, _ engine: inout AdmissionEngine, at now: Moment
    ) -> [Answer] {
        var ended: [Answer] = []
        // A call may take what those behind it wait for.
        engine.keepPlaces(of: [])
        for (asked, answer) in zip(waiters, result.plan.answers) where !asked.isInLine || line.contains(asked.ticket) {
            var waiter = asked
            if let request = asked.ask.request { waiter.isSettled = result.settled.contains(request) }
            let isFinal: Bool
            var refused: ArraySlice<LeaseAsk.Choice> = []
            var obtainable: LeaseAsk.Choice?
            switch answer {
            case .waits(let revocations)
            where !waiter.isInLine && now.monotonicNanoseconds < waiter.deadlineNanoseconds:
                park(waiter, until: revocations, at: now)
                continue
            // The other replicas have not given back their leases in time, so the money there is decides. A call that
            // takes less asks for that money once more.
            case .waits
            where !waiter.isInLine && waiter.ask.callsBack && waiter.ask.choices.contains(where: \.isClamped):
                askForWhatIsThere(waiter)
                continue
            case .waits: isFinal = true
            // The window was only just opened, or only the ledger asked, so the call has not asked for money yet.
            case .short: isFinal = waiter.ask.opens.isEmpty && waiter.ask.request == nil
            // If other calls have taken the money in the meantime, that is no reason to deny this call.
            case .covered(let index):
                isFinal = false
                refused = waiter.ask.choices.prefix(index)
                if waiter.ask.isDryRun { obtainable = waiter.ask.choices[index] }
            }
            let judged = Self.decide(&engine) {
                $0.authorize(
                    waiter.call, at: now, isFinal: isFinal, refused: refused, obtainable: obtainable,
                    mayWait: waiter.mayWait(at: now), isSettled: waiter.isSettled)
            }
            switch judged.outcome {
            case .held(let ask): wait(waiter, ask, &engine, at: now).map { ended.append($0) }
            case .ask(let ask) where waiter.isInLine:
                line.wake()
                wait(waiter, ask, &engine, at: now).map { ended.append($0) }
            case .ask(var ask):
                ask.revocations = waiter.ask.revocations
                if let late = retry(waiter, ask, at: now) { ended.append(late) }
            default:
                line.remove(waiter.ticket)
                ended.append(Answer(ticket: waiter.ticket, outcome: judged.outcome, madeHold: judged.madeHold))
            }
        }
        engine.keepPlaces(of: line.waiters.lazy.map(\.ask))
        takeUnopened(from: &engine)
        return ended
    }

    /// Runs `body`, and returns the hold that its outcome made.
    private static func decide(
        _ engine: inout AdmissionEngine, _ body: (inout AdmissionEngine) -> AuthorizeOutcome
    ) -> (outcome: AuthorizeOutcome, madeHold: Hold?) {
        let openHolds = engine.openHoldCount
        let outcome = body(&engine)
        guard case .verdict(let verdict, _) = outcome, engine.openHoldCount > openHolds else { return (outcome, nil) }
        return (outcome, verdict.hold)
    }

    /// Lets a call wait in line for what `ask` needs. It is refused as over capacity if the line is full.
    private mutating func wait(
        _ waiter: Waiter, _ ask: LeaseAsk, _ engine: inout AdmissionEngine, at now: Moment
    ) -> Answer? {
        var waiter = waiter
        waiter.ask = ask
        guard line.take(waiter, at: now) else {
            return Answer(ticket: waiter.ticket, outcome: .overCapacity, madeHold: nil)
        }
        engine.keepPlace(of: ask)
        return nil
    }

    /// Ends the wait of the calls in line whose time is over, or of all if this replica may not spend any more. They get
    /// the verdict of this moment.
    package mutating func endWaits(_ engine: inout AdmissionEngine, at now: Moment) -> [Answer] {
        let endsAll = engine.isDraining || engine.isFenced(at: now)
        guard line.waiters.contains(where: { endsAll || !$0.mayWait(at: now) }) else { return [] }
        var ended: [Answer] = []
        engine.keepPlaces(of: [])
        for waiter in line.waiters {
            guard endsAll || !waiter.mayWait(at: now) else {
                engine.keepPlace(of: waiter.ask)
                continue
            }
            line.remove(waiter.ticket)
            let judged = Self.decide(&engine) { $0.authorize(waiter.call, at: now, isFinal: true) }
            ended.append(Answer(ticket: waiter.ticket, outcome: judged.outcome, madeHold: judged.madeHold))
        }
        line.wake()
        return ended
    }

    /// Forgets a call whose caller no longer waits. A batch that is under way may still answer it.
    package mutating func forget(_ ticket: Int64, _ engine: inout AdmissionEngine) {
        backlog.waiting.removeAll { $0.ticket == ticket }
        parked.removeAll { $0.ticket == ticket }
        guard line.contains(ticket) else { return }
        line.remove(ticket)
        engine.keepPlaces(of: line.waiters.lazy.map(\.ask))
        line.wake()
    }

    private mutating func park(_ waiter: Waiter, until revocations: [Int64: Int64], at now: Moment) {
        if parked.isEmpty { looksAgainAtNanoseconds = now.monotonicNanoseconds + Self.lookAgainNanoseconds }
        var waiter = waiter
        waiter.ask.revocations.merge(revocations) { known, _ in known }
        parked.append(waiter)
    }

    private mutating func askForWhatIsThere(_ waiter: Waiter) {
        var waiter = waiter
        (waiter.ask.callsBack, waiter.ask.revocations) = (false, [:])
        backlog.waiting.append(waiter)
    }

    /// Asks again, or ends the wait if the call has waited long enough.
    private mutating func retry(_ waiter: Waiter, _ ask: LeaseAsk, at now: Moment) -> Answer? {
        guard now.monotonicNanoseconds < waiter.deadlineNanoseconds else {
            return Answer(ticket: waiter.ticket, outcome: nil, madeHold: nil)
        }
        var waiter = waiter
        waiter.ask = ask
        backlog.waiting.append(waiter)
        return nil
    }
}
