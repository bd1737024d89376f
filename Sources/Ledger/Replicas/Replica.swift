import Accounting
import Logging
import Postgres
import Synchronization

/// One running server's share in the office: its core, and the threads that carry what it says to PostgreSQL.
///
/// Verdicts come from the core's memory. What must be asked of PostgreSQL or committed to it is sent by threads that own
/// a connection each; callers wait without blocking.
package final class Replica: Sendable {
    package let seal: HoldSeal
    package let database: Database
    let core: LockedCore
    let writer: LedgerWriter
    let rounds: LeaseRounds
    let control: ReplicaControl
    let listener: ReplicaListener
    private let currentSnapshot: CurrentSnapshot
    private let waiting = WaitingRoom()
    private let threads: Threads
    private let alertsAreDue: @Sendable () -> Void
    private let log: Logger

    private struct Threads: Sendable {
        let writer: DedicatedThread
        let rounds: DedicatedThread
        let control: DedicatedThread
        let listener: DedicatedThread
    }

    /// Registers with the database, reads the configuration and starts the threads. Blocks; not for a cooperative
    /// thread.
    package init(
        connectionString: String, whenFenced: WhenFenced = WhenFenced(), log: Logger,
        alertsAreDue: @escaping @Sendable () -> Void
    ) throws {
        let connection = try Connection(connectionString: connectionString)
        let loaded = try ConfigurationStore.load(connection)
        let seal = try ConfigurationStore.seal(connection)
        let sentAt = SystemClock.monotonicNanoseconds()
        let desk = Desk(
            replicaID: try ReplicaRegistry.register(connection), configuration: loaded.configuration,
            whenFenced: whenFenced)
        let core = LockedCore(ReplicaCore(desk))
        core.withLock { $0.acknowledged(heartbeatSentAtNanoseconds: sentAt) }
        database = Database(connectionString: connectionString)
        writer = LedgerWriter(connectionString: connectionString, core: core, log: log)
        rounds = LeaseRounds(connectionString: connectionString, core: core, log: log)
        control = ReplicaControl(connectionString: connectionString, core: core, seal: seal, log: log)
        listener = ReplicaListener(connectionString: connectionString, core: core)
        let waiting = waiting
        threads = Threads(
            writer: writer.start { if $0.didCrossThreshold { alertsAreDue() } },
            rounds: rounds.start { answer in
                // Nobody was there any more to take it.
                if !waiting.answer(answer), let hold = answer.madeHold { core.withLock { $0.unmake(hold) } }
            },
            control: control.start(loaded: loaded), listener: listener.start())
        self.seal = seal
        self.core = core
        currentSnapshot = CurrentSnapshot(of: core)
        self.log = log
        self.alertsAreDue = alertsAreDue
    }

    /// Another after each time it had to register anew.
    package var id: Int64 { core.replicaID }
    package var snapshot: ConfigurationSnapshot { currentSnapshot.value }
    package var configuration: Configuration { snapshot.configuration }
    package var configurationVersion: Int64 { core.configurationVersion }
    package func now() -> Moment { SystemClock.now() }

    /// How things stand, for `readyz` and `metrics`.
    package struct Status: Sendable {
        package let isDatabaseReachable: Bool
        package let isFenced: Bool
        package let isDraining: Bool
        package let openHolds: Int
        package let waitingSettlements: Int
        package let configurationVersion: Int64
    }

    package var status: Status {
        let now = now()
        return core.withLock { core in
            Status(
                isDatabaseReachable: core.control.isReachable(at: now), isFenced: core.desk.isFenced(at: now),
                isDraining: core.desk.isDraining, openHolds: core.desk.openHoldCount,
                waitingSettlements: core.ledger.waiting.count,
                configurationVersion: core.desk.configuration.version)
        }
    }

    // MARK: Verdicts

    /// Judges a call. `done` is called once: at once where memory is enough, else when the leases cover it. Nil: not in
    /// time; nothing was held.
    package func authorize(_ call: Call, done: @escaping @Sendable (AuthorizeOutcome?) -> Void) {
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
        if topsUp { core.leaseBell.ring() }
        if let ticket { waiting.limitWait(of: ticket) } else { done(outcome) }
    }

    /// What budgets have spent and hold in their current windows, by number: of one moment each.
    package func standings(of budgets: [Budget]) async throws -> [Int64: (spent: Int64, held: Int64)] {
        let now = now().wall
        let stored = try await database.run { try BudgetStore.spent(of: budgets, at: now, $0) }
        var states = states(of: budgets, at: now)
        // A commit of ours may be in PostgreSQL and not yet in memory, where its money is still held.
        for _ in 0..<3 where budgets.contains(where: { isBehind(states[$0.number], stored[$0.number]) }) {
            try await Task.sleep(for: .milliseconds(5))
            states = self.states(of: budgets, at: now)
        }
        var standings: [Int64: (spent: Int64, held: Int64)] = [:]
        for number in budgets.map(\.number) {
            let (state, stored) = (states[number], stored[number])
            let isOurs = state != nil && !isBehind(state, stored)
            standings[number] = (isOurs ? state!.spent : stored?.amount ?? 0, state?.held ?? 0)
        }
        return standings
    }

    private func states(of budgets: [Budget], at now: Timestamp) -> [Int64: BudgetState] {
        core.withLock { core in
            core.update { desk in
                var states: [Int64: BudgetState] = [:]
                for budget in budgets { states[budget.number] = desk.state(of: budget, at: now) }
                return states
            }
        }
    }

    private func isBehind(_ state: BudgetState?, _ stored: BudgetStore.Spent?) -> Bool {
        guard let state, let stored else { return false }
        return state.revision < stored.revision
    }

    // MARK: Settlements

    /// Commits an entry: of a hold where it has one, else of a call that was never authorized. `done` is called once it
    /// is committed, or will not be, on the writer's thread or, where the queue is full, at once.
    package func record(_ entry: LedgerEntry, isOccurredAtGiven: Bool, done: @escaping LedgerQueue.Done) {
        let posting = Posting(entry, isOccurredAtGiven: isOccurredAtGiven)
        submit(done) { $0.record(posting, at: $1, done: done) }
    }

    /// Commits the correction of a recorded call; one that another replica has booked meanwhile is a duplicate.
    func correct(_ correction: Correction) async -> Result<LedgerOutcome, LedgerFailure> {
        let posting = Posting(correction.entry, isOccurredAtGiven: true)
        return await withCheckedContinuation { continuation in
            let done: LedgerQueue.Done = { continuation.resume(returning: $0) }
            submit(done) { $0.correct(posting, charged: correction.windows, at: $1, done: done) }
        }
    }

    package func void(_ hold: Hold, done: @escaping LedgerQueue.Done) {
        submit(done) { $0.void(hold, at: $1, done: done) }
    }

    private func submit(_ done: LedgerQueue.Done, _ queue: (inout ReplicaCore, Moment) -> Bool) {
        let now = SystemClock.now()
        if core.withLock({ queue(&$0, now) }) {
            core.writerBell.ring()
        } else {
            done(.failure(.unavailable))
        }
    }

    // MARK: Upkeep

    /// What is done once a second: expired holds end, idle leases go back, counts are written.
    package func tick() {
        let now = SystemClock.now()
        while core.withLock({ $0.tick(at: now) }) {}
        let exhausted = core.withLock { core in core.update { $0.takeExhausted() } }
        core.leaseBell.ring()
        core.writerBell.ring()
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

    /// Returns once every live replica has the configuration of `version`, or has been fenced.
    package func awaitConfiguration(_ version: Int64) async throws {
        core.withLock { $0.ringControl() }
        core.controlBell.ring()
        while true {
            let behind = try await database.run { try ConfigurationStore.replicasBehind(version, $0) }
            if behind == 0, configuration.version >= version { return }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    // MARK: The end

    /// No new holds from now on; settlements and voids go on.
    package func beginDrain() {
        core.withLock { $0.beginDraining(at: SystemClock.now()) }
        core.leaseBell.ring()
    }

    /// Ends in order: no new holds, what is queued commits, leases go back, open holds are handed over.
    package func drain() async {
        beginDrain()
        writer.close()
        await threads.writer.ended()
        let estate = core.withLock { $0.finishDraining(at: SystemClock.now()) }
        rounds.close()
        await threads.rounds.ended()
        control.close()
        listener.close()
        await threads.control.ended()
        await threads.listener.ended()
        do {
            try await database.run { [seal] in try ReplicaRegistry.retire(estate, seal, $0) }
        } catch {
            log.warning("The replica could not be marked as drained", metadata: ["error": "\(error)"])
        }
        await database.close()
    }
}
