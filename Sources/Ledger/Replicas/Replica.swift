import Accounting
import Logging
import Postgres
import Synchronization

/// One running server of the deployment: its core, and the threads that send the core's requests to PostgreSQL.
///
/// The core gives verdicts from memory. Threads that own a connection each send what PostgreSQL must answer or commit.
/// Callers wait for them without blocking.
package final class Replica: Sendable {
    package let holdTokens: HoldTokenCipher
    package let database: Database
    package let callLimits: CallLimits
    let core: LockedCore
    let writer: LedgerWriter
    let grants: GrantSender
    let heartbeats: HeartbeatSender
    let control: ReplicaControl
    let listener: ReplicaListener
    package let maintenance: Maintenance
    private let pricedCalls = PricedCalls()
    private let openRequests = OpenRequests()
    private let unsettledCalls = CountedCalls(.unsettled)
    private let openDisputes = CountedCalls(.disputed)
    private let currentSnapshot: CurrentSnapshot
    private let rollout: ConfigurationRollout
    private let waiting = PendingRequests()
    private let threads: Threads
    private let alertsAreDue: @Sendable () -> Void
    private let log: Logger

    /// How many days raw usage objects are kept, unless set otherwise.
    package static let defaultRawUsageDays: Int32 = 400
    /// How many days the verdict log is kept, unless set otherwise.
    package static let defaultVerdictLogDays: Int32 = 35

    private struct Threads: Sendable {
        let writer: DedicatedThread
        let grants: DedicatedThread
        let heartbeats: DedicatedThread
        let control: DedicatedThread
        let listener: DedicatedThread
        let maintenance: DedicatedThread
    }

    /// Registers with the database, reads the configuration and starts the threads. This blocks, so it must not run on
    /// a thread of Swift's cooperative pool.
    package init(
        connectionString: String, fencedPolicy: FencedPolicy = FencedPolicy(), callLimits: CallLimits = .standard,
        rawUsageDays: Int32 = Replica.defaultRawUsageDays, verdictLogDays: Int32 = Replica.defaultVerdictLogDays,
        budgets: BudgetReading? = nil, log: Logger,
        alertsAreDue: @escaping @Sendable () -> Void
    ) throws {
        let connection = try Connection(connectionString: connectionString, limits: .changes, name: "start")
        let loaded = try ConfigurationStore.load(connection)
        let holdTokens = try ConfigurationStore.holdTokens(connection)
        // Nothing depends on it: the ledger takes one entry a request all the same.
        let settled = (try? SettledKeys.latest(most: AdmissionEngine.rememberedRequests, connection)) ?? []
        let sentAt = SystemClock.monotonicNanoseconds()
        var engine = AdmissionEngine(
            replicaID: try ReplicaRegistry.register(connection), configuration: loaded.configuration,
            fencedPolicy: fencedPolicy, callLimits: callLimits)
        for request in settled.reversed() { engine.remember(settled: request) }
        engine.verdictLog.isOn = verdictLogDays > 0
        self.callLimits = callLimits
        let core = LockedCore(ReplicaCore(engine))
        core.withLock { $0.acknowledged(heartbeatSentAtNanoseconds: sentAt) }
        let database = Database(connectionString: connectionString)
        self.database = database
        writer = LedgerWriter(connectionString: connectionString, core: core, log: log)
        grants = GrantSender(connectionString: connectionString, core: core, log: log)
        let snapshots = CurrentSnapshot(of: core)
        currentSnapshot = snapshots
        rollout = ConfigurationRollout(database: database) { snapshots.value.configuration.version }
        heartbeats = HeartbeatSender(connectionString: connectionString, core: core, log: log)
        control = ReplicaControl(
            connectionString: connectionString, core: core, snapshots: currentSnapshot, holdTokens: holdTokens, log: log
        )
        listener = ReplicaListener(connectionString: connectionString, core: core)
        maintenance = Maintenance(
            connectionString: connectionString,
            tasks: Maintenance.tasks(
                core, holdTokens, rawUsageDays: rawUsageDays, verdictLogDays: verdictLogDays, pricedCalls, openRequests,
                unsettledCalls, openDisputes, budgets, log),
            log: log)
        let waiting = waiting
        threads = Threads(
            writer: writer.start { if $0.didCrossThreshold { alertsAreDue() } },
            grants: grants.start { waiting.answer($0, core) },
            heartbeats: heartbeats.start(), control: control.start(loaded: loaded), listener: listener.start(),
            maintenance: maintenance.start())
        self.holdTokens = holdTokens
        self.core = core
        self.log = log
        self.alertsAreDue = alertsAreDue
        FreedMemory.giveBack()
    }

    /// The replica's id. It changes each time the replica registers anew.
    package var id: Int64 { core.replicaID }
    package var snapshot: ConfigurationSnapshot { currentSnapshot.value }
    package var configuration: Configuration { snapshot.configuration }
    package var configurationVersion: Int64 { core.configurationVersion }
    package func now() -> Moment { SystemClock.now() }

    /// How many of the calls of the last 31 days have a price. Nil on the servers that do not do the maintenance, which do
    /// not count, and where there were no calls.
    package var pricedCallShare: PricedShare? {
        guard maintenance.isLeader, let share = pricedCalls.share, share.all > 0 else { return nil }
        return share
    }

    /// How many requests for more of a budget are open, where this replica does the maintenance.
    package var openRequestCount: Int64? { maintenance.isLeader ? openRequests.count : nil }
    /// The calls whose holds expired in the last day and that nobody settled. Nil on the servers that do not do the
    /// maintenance, which do not count.
    package var unsettledCount: CountedCalls.Count? { maintenance.isLeader ? unsettledCalls.count : nil }
    /// The disputed usage that nobody has decided on, likewise.
    package var disputedCount: CountedCalls.Count? { maintenance.isLeader ? openDisputes.count : nil }

    /// The state of the replica, for `readyz` and `metrics`.
    package struct Status: Sendable {
        package let isDatabaseReachable: Bool
        package let isFenced: Bool
        package let isDraining: Bool
        package let openHolds: Int
        package let windowsInMemory: Int
        package let waitingSettlements: Int
        /// How many calls wait for money that is held.
        package let waitingCalls: Int
        package let configurationVersion: Int64
        /// How many attempts to load a newer configuration have failed in a row.
        package let failedLoads: Int
        /// How many stored budgets this version cannot read.
        package let unreadableBudgets: Int
        package let isMaintenanceLeader: Bool
        /// How many calls the verdict log lacks, because it waited for the database for too long.
        package let droppedLogCalls: Int64
    }

    package var status: Status {
        let now = now()
        return core.withLock { core in
            Status(
                isDatabaseReachable: core.heartbeats.isReachable(at: now), isFenced: core.engine.isFenced(at: now),
                isDraining: core.engine.isDraining, openHolds: core.engine.openHoldCount,
                windowsInMemory: core.engine.windowCount,
                waitingSettlements: core.ledger.waiting.count, waitingCalls: core.leases.waitingCount,
                configurationVersion: core.engine.configuration.version, failedLoads: core.control.failedLoads,
                unreadableBudgets: core.engine.configuration.unreadableBudgets.count,
                isMaintenanceLeader: maintenance.isLeader, droppedLogCalls: core.engine.verdictLog.droppedCalls)
        }
    }

    // MARK: Verdicts

    /// Judges a call. `done` is called once: immediately if memory is enough, otherwise when PostgreSQL has answered
    /// the lease request, or when the call has waited for held money. Nil means that no answer came in time; nothing is
    /// held then.
    ///
    /// Returns the ticket of a call that waits, for `forget`.
    @discardableResult package func authorize(
        _ call: Call, done: @escaping @Sendable (AuthorizeOutcome?) -> Void
    ) -> Int64? {
        let now = SystemClock.now()
        let (outcome, topsUp, ticket) = core.withLock { core in
            var ticket: Int64?
            func nextTicket() -> Int64 {
                let next = waiting.nextTicket(done)
                ticket = next
                return next
            }
            let outcome = core.authorize(call, ticket: nextTicket(), at: now)
            return (outcome, core.leases.wakeAtNanoseconds != nil, ticket)
        }
        if topsUp { core.leaseSignal.raise() }
        if let ticket {
            waiting.limitWait(of: ticket, milliseconds: call.waitMilliseconds) { [self] in endWaits() }
        } else {
            done(outcome)
        }
        return ticket
    }

    /// Forgets a call that waits: its client has gone away. It keeps no place, and holds nothing.
    package func forget(ticket: Int64) {
        waiting.forget(ticket)
        core.withLock { $0.forget(ticket: ticket) }
        core.leaseSignal.raise()
    }

    private func endWaits() {
        let answers = core.withLock { $0.endWaits(at: SystemClock.now()) }
        for answer in answers { waiting.answer(answer, core) }
        if !answers.isEmpty { core.leaseSignal.raise() }
    }

    // MARK: Settlements

    /// Commits an entry: the settlement of its hold, or a call that was never authorized. `done` is called once the
    /// entry is committed or has failed: on the writer's thread, or immediately if the queue is full.
    ///
    /// Returns false if the configuration has changed since the entry was rated. Nothing is done then; the entry must
    /// be rated and recorded again.
    package func record(_ entry: LedgerEntry, isOccurredAtGiven: Bool, done: @escaping LedgerQueue.Done) -> Bool {
        let posting = Posting(entry, isOccurredAtGiven: isOccurredAtGiven)
        var isOutdated = false
        submit(done) { core, now in
            isOutdated = core.isOutdated(entry)
            return isOutdated || core.record(posting, at: now, done: done)
        }
        return !isOutdated
    }

    /// Commits the correction of a recorded call. If another replica has booked the same correction meanwhile, the
    /// outcome is a duplicate.
    func correct(_ correction: Correction) async -> Result<LedgerOutcome, LedgerFailure> {
        let posting = Posting(correction.entry, isOccurredAtGiven: true)
        return await withCheckedContinuation { continuation in
            let done: LedgerQueue.Done = { continuation.resume(returning: $0) }
            submit(done) {
                $0.correct(
                    posting, charged: correction.windows, recordedAt: correction.recordedAt, at: $1, done: done)
            }
        }
    }

    /// Commits an entry that takes back a recorded call. If another replica has taken it back meanwhile, the outcome is a
    /// duplicate.
    func reverse(_ entry: ReplaceableEntry) async -> Result<LedgerOutcome, LedgerFailure> {
        await withCheckedContinuation { continuation in
            let done: LedgerQueue.Done = { continuation.resume(returning: $0) }
            submit(done) { $0.reverse(entry, at: $1, done: done) }
        }
    }

    /// Commits disputed usage in place of an entry. Returns false as `record` does.
    func accept(_ posting: Posting, done: @escaping LedgerQueue.Done) -> Bool {
        var isOutdated = false
        submit(done) { core, now in
            isOutdated = core.isOutdated(posting.entry)
            return isOutdated || core.accept(posting, at: now, done: done)
        }
        return !isOutdated
    }

    package func void(_ hold: Hold, done: @escaping LedgerQueue.Done) {
        // A hold from a past that the database has lost sets nothing aside.
        if core.withLock({ $0.engine.isOfAnotherPast(hold) }) { return done(.success(.alreadyEnded(.expired))) }
        submit(done) { $0.void(hold, at: $1, done: done) }
    }

    private func submit(_ done: LedgerQueue.Done, _ queue: (inout ReplicaCore, Moment) -> Bool) {
        let now = SystemClock.now()
        if core.withLock({ queue(&$0, now) }) {
            core.writerSignal.raise()
        } else {
            done(.failure(.unavailable))
        }
    }

    // MARK: Maintenance

    /// Runs once a second: ends expired holds, returns idle leases, has verdict counts written, and alerts on exhausted
    /// budgets.
    package func tick() {
        let now = SystemClock.now()
        while core.withLock({ $0.tick(at: now) }) {}
        endWaits()
        let exhausted = core.withLock { core in core.update { $0.takeExhausted() } }
        core.leaseSignal.raise()
        core.writerSignal.raise()
        if !exhausted.isEmpty { Task { await alert(exhausted) } }
    }

    private func alert(_ exhausted: Set<Int64>) async {
        do {
            let isNew = try await database.run { try AlertOutbox.writeExhausted(exhausted.sorted(), $0) }
            if isNew { alertsAreDue() }
        } catch {
            core.withLock { $0.update { $0.putBack(exhausted: exhausted) } }
        }
    }

    /// How long to wait for every live replica to have a change. A replica that has died is waited for until it counts
    /// as fenced.
    private static let rolloutSeconds = ReplicaRegistry.leaseSeconds + ReplicaRegistry.driftSeconds + 3

    /// Waits until every live replica has the configuration of `version`, or has been fenced. Returns false if some
    /// still lack it after fifteen seconds: the change is stored, and they get it as soon as they can.
    package func awaitConfiguration(_ version: Int64) async -> Bool {
        core.withLock { $0.loadConfigurationNow() }
        core.controlSignal.raise()
        return await rollout.reaches(version, by: .now + .seconds(Self.rolloutSeconds))
    }

    /// Sums for good what a new budget's calls had spent before it. Every live replica must have the budget.
    package func finishOpening(of budgetNumber: Int64) async throws {
        let configuration = configuration
        try await database.run { try BudgetOpening.finish(budgetNumber, in: configuration, $0) }
    }

    // MARK: Shutdown

    /// From now on the replica makes no new holds. Settlements and voids continue.
    package func beginDrain() {
        core.withLock { $0.beginDraining(at: SystemClock.now()) }
        endWaits()
        core.leaseSignal.raise()
    }

    /// Shuts down in order: stops new holds, commits queued jobs, returns leases, and hands over open holds.
    package func drain() async {
        beginDrain()
        writer.close()
        await threads.writer.ended()
        let handover = core.withLock { $0.finishDraining(at: SystemClock.now()) }
        grants.close()
        await threads.grants.ended()
        control.close()
        listener.close()
        maintenance.close()
        await threads.control.ended()
        await threads.listener.ended()
        await threads.maintenance.ended()
        heartbeats.close()
        await threads.heartbeats.ended()
        do {
            var remaining: ReplicaRegistry.Handover? = handover
            while let portion = remaining {
                remaining = try await database.run { [holdTokens] in
                    try ReplicaRegistry.deregister(portion, holdTokens, $0)
                }
            }
        } catch {
            log.warning("The replica could not be marked as drained", metadata: ["error": "\(error)"])
        }
        await database.close()
    }
}
