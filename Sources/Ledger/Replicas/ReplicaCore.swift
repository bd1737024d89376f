import Accounting

/// One replica without its threads, clocks and connections: calls and PostgreSQL's answers in, verdicts and requests to
/// PostgreSQL out.
///
/// The server runs it behind a lock, with a thread for each of PostgreSQL's three tasks: rounds of leases, batches of
/// entries, heartbeats. The simulator in `Tests/Simulation` runs the same code over a database, a network and clocks of
/// its own.
package struct ReplicaCore: Sendable {
    package private(set) var desk: Desk
    package private(set) var leases = LeaseQueue()
    package private(set) var ledger: LedgerQueue
    package private(set) var control = ControlQueue()
    /// A configuration that jobs worked out under an older one still wait behind: told as in force once they are done.
    private var takenOver: (version: Int64, afterJobs: Int)?
    private var versionInForce: Int64
    /// Where the upkeep of accounts goes on.
    private var nextAccount = 0

    package init(_ desk: Desk) {
        self.desk = desk
        ledger = LedgerQueue(replicaID: desk.replicaID)
        versionInForce = desk.configuration.version
    }

    package var replicaID: Int64 { desk.replicaID }
    package var openHolds: [Hold] { desk.openHolds }
    package var leaseBooks: [Desk.LeaseBook] { desk.leaseBooks }
    package var openCharges: [(id: HoldID, charges: [Hold.Charge])] { desk.openCharges }

    /// Whether it may spend from its leases.
    package func maySpend(at now: Moment) -> Bool { !desk.isDraining && !desk.isFenced(at: now) }

    // MARK: Calls

    /// Judges a call; nil where it waits for money and is answered under `ticket`.
    package mutating func authorize(_ call: Call, ticket: @autoclosure () -> Int64, at now: Moment)
        -> AuthorizeOutcome?
    {
        switch desk.authorize(call, at: now, isFinal: false) {
        case .ask(let ask):
            leases.wait(call, ask, ticket: ticket(), at: now)
            return nil
        case .verdict(let verdict, let topUps):
            if !topUps.isEmpty { leases.topUp(topUps) }
            return .verdict(verdict, topUps: topUps)
        case let outcome:
            return outcome
        }
    }

    /// Queues an entry: of a hold where it has one, else of a call that was never authorized. False, and `done` is never
    /// called, where the queue is full or closed.
    package mutating func record(
        _ posting: Posting, at now: Moment, done: @escaping LedgerQueue.Done
    ) -> Bool {
        let tokens = posting.entry.usage.quantities.totalTokens
        let cost = posting.entry.rated.cost
        let charges =
            if let hold = posting.entry.hold {
                desk.beginSettling(hold, served: posting.entry.model, cost: cost, tokens: tokens)
            } else {
                desk.charges(
                    for: posting.entry.who, model: posting.entry.model, cost: cost, tokens: tokens,
                    occurredAt: posting.entry.occurredAt)
            }
        return submit(.record(posting, charges: charges), at: now, done)
    }

    /// Queues the correction of a recorded call. False as for `record`.
    package mutating func correct(
        _ posting: Posting, charged: [(id: Int64, budgetNumber: Int64)], at now: Moment,
        done: @escaping LedgerQueue.Done
    ) -> Bool {
        let entry = posting.entry
        let charges = desk.corrections(
            for: entry.who, model: entry.model, difference: entry.rated.cost ?? .zero, charged: charged,
            occurredAt: entry.occurredAt)
        return submit(.record(posting, charges: charges), at: now, done)
    }

    package mutating func void(_ hold: Hold, at now: Moment, done: @escaping LedgerQueue.Done) -> Bool {
        submit(.end(hold, .voided, charges: desk.beginVoiding(hold)), at: now, done)
    }

    /// Takes back a hold that nobody has heard of.
    package mutating func unmake(_ hold: Hold) { desk.unmake(hold) }

    private mutating func submit(_ job: LedgerJob, at now: Moment, _ done: @escaping LedgerQueue.Done) -> Bool {
        let isTaken = ledger.add(job, at: now, done: done)
        if !isTaken, let hold = job.hold { desk.reopen(hold) }
        return isTaken
    }

    // MARK: Upkeep

    /// How much of the upkeep one `tick` does, so that no verdict waits for it longer than some ten microseconds.
    private static let expiriesATick = 64
    private static let accountsATick = 512

    /// Does a part of what is due once a second: expired holds end, idle leases go back, counts are written. True while
    /// there is more to do at this moment; verdicts go in between.
    package mutating func tick(at now: Moment) -> Bool {
        for (hold, charges) in desk.beginExpiring(at: now.wall, most: Self.expiriesATick) {
            _ = submit(.end(hold, .expired, charges: charges), at: now) { _ in }
        }
        if desk.hasExpired(by: now.wall) { return true }
        let places = desk.accountPlaces.clamped(to: nextAccount..<(nextAccount + Self.accountsATick))
        desk.forgetEndedWindows(before: now.wall, among: places)
        leases.giveBack(desk.takeIdle(at: now.wall, all: desk.isDraining, among: places))
        nextAccount = places.upperBound
        if nextAccount < desk.accountPlaces.upperBound { return true }
        nextAccount = 0
        ledger.isDue = true
        return false
    }

    /// Idle leases that are no longer wanted go back.
    private mutating func giveBackIdle(at now: Moment) {
        leases.giveBack(desk.takeIdle(at: now.wall, all: desk.isDraining))
    }

    package mutating func update<Result>(_ body: (inout Desk) -> Result) -> Result { body(&desk) }

    // MARK: Leases

    package mutating func nextRound(at now: Moment) -> LeaseQueue.Request? { leases.next(&desk, at: now) }

    package mutating func took(_ outcome: LeaseRound.Outcome, of round: LeaseRound, at now: Moment)
        -> [LeaseQueue.Answer]
    {
        // The answer to a replica that has registered anew since says nothing about its leases.
        guard round.replicaID == desk.replicaID else { return [] }
        if case .gone = outcome {
            desk.fence(afterNanoseconds: .min)
            control.ring()
        }
        return leases.took(outcome, &desk, at: now)
    }

    /// Takes in whether a round was committed whose commit was not answered; nil where that could not be found out.
    package mutating func learned(wasCommitted: Bool?, of round: LeaseRound, at now: Moment) -> [LeaseQueue.Answer] {
        guard round.replicaID == desk.replicaID else { return [] }
        guard let wasCommitted else {
            leases.inquiryFailed(at: now)
            return []
        }
        return leases.learned(wasCommitted: wasCommitted, &desk, at: now)
    }

    /// Somebody waits for what is idle in these windows.
    package mutating func recall(_ windows: Set<Int64>) { leases.recall(windows) }

    package mutating func lookAgain() { leases.lookAgain() }

    // MARK: Ledger

    package mutating func nextAttempt(at now: Moment) -> LedgerQueue.Attempt? { ledger.next(&desk, at: now) }

    /// Takes in what became of a batch; the callers in it are the shell's to answer.
    package mutating func took(_ outcome: LedgerQueue.Outcome, at now: Moment) -> LedgerQueue.Effects {
        let effects = ledger.took(outcome, at: now)
        if let batch = effects.committed { desk.learn(from: batch) }
        for hold in effects.reopened { desk.reopen(hold) }
        desk.putBack(effects.putBack)
        if let takenOver, ledger.doneCount >= takenOver.afterJobs {
            (versionInForce, self.takenOver) = (takenOver.version, nil)
            control.ring()
        }
        return effects
    }

    // MARK: Standing with PostgreSQL

    /// Which configuration a heartbeat may say that this replica has: nothing worked out under an older one is left.
    package var configurationVersionInForce: Int64 { versionInForce }

    package mutating func nextControl(at now: Moment) -> ControlQueue.Request? {
        control.next(desk, configurationVersion: versionInForce, at: now)
    }

    /// Something has changed that a heartbeat tells more of.
    package mutating func ringControl() { control.ring() }

    package mutating func took(_ answer: ControlQueue.Answer, at now: Moment) {
        switch control.took(answer, desk, at: now) {
        case .nothing: break
        case .acknowledged(let sentAt): acknowledged(heartbeatSentAtNanoseconds: sentAt)
        case .fence: desk.fence(afterNanoseconds: .min)
        case .startAnew(let replicaID, let sentAt):
            // With no leases: what was held before is in leases of the replica that was.
            desk = desk.startingAnew(as: replicaID)
            leases.startAnew()
            acknowledged(heartbeatSentAtNanoseconds: sentAt)
        case .adopt(let configuration, let facts): adopt(configuration, facts, at: now)
        case .hear(let news):
            for number in news.ended { desk.endedElsewhere(number) }
            leases.recall(news.recalled)
            for hold in news.expired {
                _ = submit(.end(hold, .expired, charges: desk.beginVoiding(hold)), at: now) { _ in }
            }
        }
    }

    /// A heartbeat was acknowledged: the lease time runs from when it was sent.
    package mutating func acknowledged(heartbeatSentAtNanoseconds sentAt: Int64) {
        desk.fence(afterNanoseconds: sentAt + ReplicaRegistry.leaseSeconds * 1_000_000_000)
    }

    private mutating func adopt(_ configuration: Configuration, _ facts: [WindowFacts], at now: Moment) {
        desk.adopt(configuration)
        for fact in facts { desk.learn(fact) }
        // Where a limit was lowered idle leases shrink at once.
        giveBackIdle(at: now)
        if ledger.doneCount >= ledger.takenCount {
            (versionInForce, takenOver) = (configuration.version, nil)
        } else {
            takenOver = (configuration.version, ledger.takenCount)
        }
    }

    // MARK: The end

    /// No new holds from now on; ends of holds go on.
    package mutating func beginDraining(at now: Moment) {
        desk.drain()
        giveBackIdle(at: now)
    }

    /// No new jobs either.
    package mutating func close() { ledger.close() }

    /// What is left behind once every queued job is done: the holds that are still open.
    package mutating func finishDraining(at now: Moment) -> ReplicaRegistry.Estate {
        giveBackIdle(at: now)
        return ReplicaRegistry.Estate(of: desk)
    }
}

extension Desk {
    /// Takes in what a commit did.
    mutating func learn(from batch: CommittedBatch) {
        for ending in batch.endings { finish(ending.hold, ending.charges, wasFirst: ending.wasFirst) }
        for hold in batch.reopened { reopen(hold) }
        for window in batch.windows {
            learn(
                windowID: window.windowID, limit: window.limit, spent: window.spent, leased: window.leased,
                revision: window.revision)
        }
    }
}
