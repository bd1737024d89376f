import Accounting

/// One replica without its threads, clocks and connections. Calls and PostgreSQL's answers go in; verdicts and requests
/// to PostgreSQL come out.
///
/// The server runs the core behind a lock, with a thread for each kind of request to PostgreSQL: grant batches, batches
/// of entries, heartbeats, control. The simulator in `Tests/Simulation` runs the same code over a simulated database, network
/// and clocks.
package struct ReplicaCore: Sendable {
    package private(set) var engine: AdmissionEngine
    package private(set) var leases = LeaseQueue()
    package private(set) var ledger: LedgerQueue
    package private(set) var heartbeats = HeartbeatQueue()
    package private(set) var control = ControlQueue()
    /// A configuration that the engine adopted while jobs computed under an older one were still queued. It counts as
    /// in force once `doneCount` of the ledger queue has reached `afterJobs`.
    private var takenOver: (version: Int64, afterJobs: Int)?
    private var versionInForce: Int64
    /// The account with which the next `tick` continues maintenance.
    private var nextAccount = 0

    package init(_ engine: AdmissionEngine) {
        self.engine = engine
        ledger = LedgerQueue(replicaID: engine.replicaID)
        versionInForce = engine.configuration.version
    }

    package var replicaID: Int64 { engine.replicaID }
    package var openHolds: [Hold] { engine.openHolds }
    package var leaseViews: [AdmissionEngine.LeaseView] { engine.leaseViews }
    package var openCharges: [(id: HoldID, charges: [Hold.Charge])] { engine.openCharges }

    /// Whether this replica may spend from its leases.
    package func maySpend(at now: Moment) -> Bool { !engine.isDraining && !engine.isFenced(at: now) }

    // MARK: Calls

    /// Judges a call. Returns nil if the call must wait for a lease; its answer then comes under `ticket`.
    package mutating func authorize(_ call: Call, ticket: @autoclosure () -> Int64, at now: Moment)
        -> AuthorizeOutcome?
    {
        let outcome = engine.authorize(call, at: now, isFinal: false)
        leases.takeUnopened(from: &engine)
        switch outcome {
        case .ask(let ask):
            leases.wait(call, ask, ticket: ticket(), at: now)
            return nil
        case .verdict(let verdict, let topUps):
            if !topUps.isEmpty { leases.topUp(topUps) }
            return .verdict(verdict, topUps: topUps)
        case .held, .conflict, .refused, .overCapacity:
            return outcome
        }
    }

    /// Whether the configuration has changed since an entry was rated. It must be rated again before it is queued: what
    /// looks for calls without a price, once every replica has the new prices, would not find it otherwise.
    package func isOutdated(_ entry: LedgerEntry) -> Bool {
        entry.configurationVersion.map { $0 != engine.configuration.version } ?? false
    }

    /// Queues an entry: the settlement of its hold, or a call that was never authorized. Returns false if the queue is
    /// full or closed, or this version cannot read a budget of the call; `done` is never called then.
    package mutating func record(
        _ posting: Posting, at now: Moment, done: @escaping LedgerQueue.Done
    ) -> Bool {
        if engine.cannotCharge(posting.entry.who, posting.entry.model) { return false }
        let tokens = posting.entry.usage.quantities.totalTokens
        let cost = posting.entry.rated.cost
        let charges =
            if let hold = posting.entry.hold {
                engine.beginSettling(
                    hold, served: posting.entry.model, cost: cost, tokens: tokens, occurredAt: posting.entry.occurredAt)
            } else {
                engine.charges(
                    for: posting.entry.who, model: posting.entry.model, cost: cost, tokens: tokens,
                    occurredAt: posting.entry.occurredAt)
            }
        let isLost = posting.hold.map(engine.isOfAnotherPast) ?? false
        return submit(.record(isLost ? posting.endingNoHold : posting, charges: charges), at: now, done)
    }

    /// Queues the correction of a recorded call. Returns false as `record` does.
    package mutating func correct(
        _ posting: Posting, charged: [(id: Int64, budgetNumber: Int64)], recordedAt: Timestamp, at now: Moment,
        done: @escaping LedgerQueue.Done
    ) -> Bool {
        let entry = posting.entry
        if engine.cannotCharge(entry.who, entry.model) { return false }
        let charges = engine.corrections(
            for: entry.who, model: entry.model, difference: entry.rated.cost ?? .zero, charged: charged,
            occurredAt: entry.occurredAt, recordedAt: recordedAt)
        return submit(.record(posting, charges: charges), at: now, done)
    }

    /// Queues an entry that takes back a recorded call. Returns false as `record` does.
    package mutating func reverse(_ entry: ReplaceableEntry, at now: Moment, done: @escaping LedgerQueue.Done) -> Bool {
        let reversed = entry.reversal.entry
        if engine.cannotCharge(reversed.who, reversed.model) { return false }
        return submit(.record(entry.reversal, charges: entry.charges), at: now, done)
    }

    /// Queues disputed usage that takes the place of an entry, whose hold has ended. Returns false as `record` does.
    package mutating func accept(_ posting: Posting, at now: Moment, done: @escaping LedgerQueue.Done) -> Bool {
        let entry = posting.entry
        if engine.cannotCharge(entry.who, entry.model) { return false }
        let charges = engine.charges(
            for: entry.who, model: entry.model, cost: entry.rated.cost, tokens: entry.usage.quantities.totalTokens,
            occurredAt: entry.occurredAt)
        return submit(.record(posting.endingNoHold, charges: charges), at: now, done)
    }

    /// Queues a void. Returns false as `record` does. The hold must not be of another past.
    package mutating func void(_ hold: Hold, at now: Moment, done: @escaping LedgerQueue.Done) -> Bool {
        submit(.end(hold, .voided, charges: engine.beginVoiding(hold)), at: now, done)
    }

    /// Cancels a hold that was never handed to a caller.
    package mutating func discard(_ hold: Hold) {
        engine.discard(hold)
        leases.moneyMayBeFree()
    }

    /// Answers the calls in line whose wait is over: their time has passed, or this replica may not spend any more.
    package mutating func endWaits(at now: Moment) -> [LeaseQueue.Answer] { leases.endWaits(&engine, at: now) }

    /// Forgets a call whose caller no longer waits for its verdict.
    package mutating func forget(ticket: Int64) { leases.forget(ticket, &engine) }

    private mutating func submit(_ job: LedgerJob, at now: Moment, _ done: @escaping LedgerQueue.Done) -> Bool {
        let isTaken = ledger.add(job, at: now, done: done)
        if !isTaken, let hold = job.hold { engine.reopen(hold) }
        return isTaken
    }

    // MARK: Maintenance

    /// Limits on the maintenance of one `tick`, so that no verdict waits for it longer than about ten microseconds.
    private static let expiriesATick = 64
    private static let accountsATick = 512

    /// Does a part of the maintenance that is due once a second: ends expired holds, returns idle leases, marks verdict
    /// counts as due. Returns true while more is due at this moment; verdicts may run between the parts.
    package mutating func tick(at now: Moment) -> Bool {
        for (hold, releases) in engine.beginExpiring(at: now, most: Self.expiriesATick) {
            _ = submit(expiry(of: hold, releases, at: now), at: now) { _ in }
        }
        if engine.hasExpired(by: now) { return true }
        let places = engine.accountPlaces.clamped(to: nextAccount..<(nextAccount + Self.accountsATick))
        engine.forgetUnusedWindows(at: now, among: places)
        leases.giveBack(engine.takeIdle(at: now, all: engine.isDraining, among: places))
        if !engine.isDraining { engine.noteNextWindows(at: now, among: places) }
        leases.takeUnopened(from: &engine)
        nextAccount = places.upperBound
        if nextAccount < engine.accountPlaces.upperBound { return true }
        nextAccount = 0
        ledger.isDue = true
        return false
    }

    /// How a hold ends whose expiry has begun: with a record alone, which `releases` what was held, or with an entry too.
    private mutating func expiry(of hold: Hold, _ releases: [WindowCharge], at now: Moment) -> LedgerJob {
        guard let entry = LedgerEntry(estimating: hold, by: engine.unsettled(hold), at: now.wall),
            let cost = entry.rated.cost, !engine.cannotCharge(hold.who, hold.model), !engine.isOfAnotherPast(hold)
        else { return .end(hold, .expired, charges: releases) }
        let charges = engine.charges(estimating: hold, cost: cost, tokens: entry.usage.quantities.totalTokens)
        return .estimate(Posting(entry, isOccurredAtGiven: false), charges: charges)
    }

    /// Queues the return of idle leases that are no longer wanted.
    private mutating func giveBackIdle(at now: Moment) {
        leases.giveBack(engine.takeIdle(at: now, all: engine.isDraining))
    }

    package mutating func update<Result>(_ body: (inout AdmissionEngine) -> Result) -> Result { body(&engine) }

    // MARK: Leases

    package mutating func nextGrantBatch(at now: Moment) -> LeaseQueue.Request? { leases.next(&engine, at: now) }

    package mutating func took(_ outcome: GrantBatch.Outcome, of batch: GrantBatch, at now: Moment)
        -> [LeaseQueue.Answer]
    {
        // If the replica has registered anew since it sent the batch, the outcome says nothing about its present
        // leases.
        guard batch.replicaID == engine.replicaID else { return [] }
        if case .gone = outcome {
            engine.fence(afterNanoseconds: .min)
            heartbeats.beatNow()
        }
        return leases.took(outcome, &engine, at: now) + endWaits(at: now)
    }

    /// Processes the commit outcome check of a grant batch. `wasCommitted` is nil if the check failed.
    package mutating func learned(wasCommitted: Bool?, of batch: GrantBatch, at now: Moment) -> [LeaseQueue.Answer] {
        guard batch.replicaID == engine.replicaID else { return [] }
        guard let wasCommitted else {
            leases.inquiryFailed(at: now)
            return []
        }
        return leases.learned(wasCommitted: wasCommitted, &engine, at: now)
    }

    /// Handles a lease revocation: calls wait for the idle money in these windows.
    package mutating func hear(revoked windows: Set<Int64>) { leases.hear(revoked: windows, engine) }

    package mutating func lookAgain() { leases.lookAgain() }

    // MARK: Ledger

    package mutating func nextAttempt(at now: Moment) -> LedgerQueue.Attempt? { ledger.next(&engine, at: now) }

    /// Processes the outcome of a batch. The code around the core must answer the callers in the returned effects.
    package mutating func took(_ outcome: LedgerQueue.Outcome, at now: Moment) -> LedgerQueue.Effects {
        let effects = ledger.took(outcome, at: now)
        if case .committed(let committed, let batch) = outcome {
            engine.note(batch.jobs, committed, at: now.wall)
        }
        if case .lostPast = outcome {
            engine.fence(afterNanoseconds: .min)
            heartbeats.registerNow()
        }
        if let batch = effects.committed {
            engine.learn(from: batch, at: now)
            if leases.waitingCount > 0, engine.mayHaveFreed(batch) { leases.moneyMayBeFree() }
        }
        take(effects)
        if let takenOver, ledger.doneCount >= takenOver.afterJobs {
            (versionInForce, self.takenOver) = (takenOver.version, nil)
            heartbeats.beatNow()
        }
        return effects
    }

    /// Takes back what was not written.
    private mutating func take(_ effects: LedgerQueue.Effects) {
        for hold in effects.reopened { engine.reopen(hold) }
        engine.putBack(effects.putBack)
    }

    // MARK: Registration with PostgreSQL

    /// The configuration version that a heartbeat may report: no job computed under an older version is left.
    package var configurationVersionInForce: Int64 { versionInForce }

    package mutating func nextHeartbeat(at now: Moment) -> HeartbeatQueue.Request? {
        heartbeats.next(replicaID: engine.replicaID, configurationVersion: versionInForce, at: now)
    }

    /// Processes the answer to a heartbeat. The code around the core must answer the callers in the returned effects.
    @discardableResult package mutating func took(_ answer: HeartbeatQueue.Answer, at now: Moment)
        -> LedgerQueue.Effects
    {
        switch heartbeats.took(answer, at: now) {
        case .nothing: break
        case .acknowledged(let sentAt, let newestVersion):
            acknowledged(heartbeatSentAtNanoseconds: sentAt)
            if newestVersion > engine.configuration.version { control.loadNow() }
        case .fence: engine.fence(afterNanoseconds: .min)
        case .forget:
            engine.fence(afterNanoseconds: .min)
            // The queued jobs name windows that the database may have lost. Their callers send them again.
            let effects = ledger.giveUpAll()
            take(effects)
            return effects
        case .startAnew(let replicaID, let sentAt):
            control.startAnew(ReplicaRegistry.Handover(of: engine, at: now))
            // The new engine has no leases. Holds made before stay in the leases of the former replica id.
            engine = engine.startingAnew(as: replicaID)
            leases.startAnew()
            // Another primary may lack the last changes of the configuration and give their versions to others.
            (versionInForce, takenOver) = (0, nil)
            acknowledged(heartbeatSentAtNanoseconds: sentAt)
        }
        return LedgerQueue.Effects()
    }

    // MARK: What other replicas and people have changed

    package mutating func nextControl(at now: Moment) -> ControlQueue.Request? {
        control.next(replicaID: engine.replicaID, at: now)
    }

    /// Looks for a newer configuration at once.
    package mutating func loadConfigurationNow() { control.loadNow() }

    /// Looks for everything that others may have changed, because announcements may have been lost.
    package mutating func catchUp() { control.catchUp() }

    package mutating func took(_ answer: ControlQueue.Answer, at now: Moment) {
        switch control.took(answer, at: now) {
        case .nothing: break
        case .adopt(let configuration, let facts): adopt(configuration, facts, at: now)
        case .apply(let updates):
            for end in updates.ended { engine.endedElsewhere(end.number, end.how) }
            for more in updates.extended {
                engine.extendedElsewhere(more.number, byMicroseconds: more.microseconds, at: now)
            }
            leases.moneyMayBeFree()
            leases.revoke(updates.revoked)
        }
    }

    /// Queues the expiry of holds that ended replicas have handed over.
    package mutating func expire(_ handedOver: [Hold], at now: Moment) {
        for hold in handedOver {
            _ = submit(expiry(of: hold, engine.beginVoiding(hold), at: now), at: now) { _ in }
        }
    }

    /// Processes an acknowledged heartbeat: moves the fence. The lease time runs from when the heartbeat was sent.
    package mutating func acknowledged(heartbeatSentAtNanoseconds sentAt: Int64) {
        engine.fence(afterNanoseconds: sentAt + ReplicaRegistry.leaseSeconds * 1_000_000_000)
    }

    private mutating func adopt(_ configuration: Configuration, _ facts: [WindowFacts], at now: Moment) {
        engine.adopt(configuration)
        leases.learn(changed: facts, &engine, at: now)
        leases.moneyMayBeFree()
        if ledger.doneCount >= ledger.takenCount {
            (versionInForce, takenOver) = (configuration.version, nil)
        } else {
            takenOver = (configuration.version, ledger.takenCount)
        }
        heartbeats.beatNow()
    }

    // MARK: Shutdown

    /// From now on the engine makes no new holds. Open holds can still end.
    package mutating func beginDraining(at now: Moment) {
        engine.drain()
        giveBackIdle(at: now)
    }

    /// From now on the ledger queue takes no new jobs either.
    package mutating func close() { ledger.close() }

    /// The handover of a drained replica: the holds that are still open once every queued job is done.
    package mutating func finishDraining(at now: Moment) -> ReplicaRegistry.Handover {
        giveBackIdle(at: now)
        return ReplicaRegistry.Handover(of: engine, at: now)
    }
}

extension AdmissionEngine {
    /// Applies the effects of a committed batch.
    mutating func learn(from batch: CommittedBatch, at now: Moment) {
        for ending in batch.endings {
            finish(ending.hold, ending.charges, wasFirst: ending.wasFirst)
            if ending.isSettlement { remember(settled: ending.hold.requestName) }
        }
        for hold in batch.reopened { reopen(hold) }
        for more in batch.extended { extend(more.hold, byMicroseconds: more.microseconds, at: now) }
        for window in batch.windows {
            learn(
                windowID: window.windowID, limit: window.limit, spent: window.spent, leased: window.leased,
                revision: window.revision)
        }
    }

    /// Whether a committed batch may have freed money for which calls wait.
    func mayHaveFreed(_ batch: CommittedBatch) -> Bool {
        batch.windows.contains { isAwaited($0.windowID) }
            || batch.endings.contains { $0.hold.charges.contains { isAwaited($0.windowID) } }
    }
}
