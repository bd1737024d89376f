import Accounting
import Logging
import Postgres
import Synchronization

/// One running server's share in the office: its desk, its writer, its leases and its heartbeat.
///
/// Verdicts come from the desk's memory. What must be asked of PostgreSQL or committed to it is handed to threads that
/// own a connection each; callers wait without blocking.
package final class Replica: Sendable {
    package let id: Int64
    package let seal: HoldSeal
    package let database: Database
    let desk: LockedDesk
    private let writer: LedgerWriter
    private let rounds: LeaseRounds
    private let control: ReplicaControl
    private let threads: Mutex<[DedicatedThread]>
    private let alertsAreDue: @Sendable () -> Void
    private let log: Logger

    /// Registers with the database, reads the configuration and starts the threads. Blocks; not for a cooperative
    /// thread.
    package init(connectionString: String, log: Logger, alertsAreDue: @escaping @Sendable () -> Void) throws {
        let connection = try Connection(connectionString: connectionString)
        let loaded = try ConfigurationStore.load(connection)
        seal = try ConfigurationStore.seal(connection)
        id = try ReplicaRegistry.register(connection)
        desk = LockedDesk(Desk(replicaID: id, configuration: loaded.configuration))
        database = Database(connectionString: connectionString)
        writer = LedgerWriter(connectionString: connectionString, log: log)
        rounds = LeaseRounds(connectionString: connectionString, log: log)
        control = ReplicaControl(
            connectionString: connectionString, desk: desk, loaded: loaded, writer: writer, log: log)
        self.log = log
        self.alertsAreDue = alertsAreDue
        threads = Mutex([])
        let (desk, control) = (desk, control)
        let link = LedgerWriter.Replica(
            replicaID: id,
            takeTallies: { desk.withLock { $0.takeTallies() } },
            putBack: { lost in desk.withLock { $0.putBack(lost) } },
            configuration: { desk.withLock { $0.configuration } },
            committed: { batch in
                desk.withLock { $0.learn(from: batch) }
                if batch.didCrossThreshold { alertsAreDue() }
            })
        let started = [
            writer.start(for: link), rounds.start(for: desk, isGone: { control.fence() }), control.start(),
        ]
        threads.withLock { $0 = started }
    }

    package var configuration: Configuration { desk.withLock { $0.configuration } }
    package func now() -> Moment { desk.now() }

    /// How things stand, for `readyz` and `metrics`.
    package struct Status: Sendable {
        package let isDatabaseReachable: Bool
        package let isFenced: Bool
        package let openHolds: Int
        package let waitingSettlements: Int
        package let configurationVersion: Int64
    }

    package var status: Status {
        let now = desk.now()
        return Status(
            isDatabaseReachable: control.isReachable,
            isFenced: desk.withLock { $0.isFenced(at: now) },
            openHolds: desk.withLock { $0.openHoldCount }, waitingSettlements: writer.waitingCount,
            configurationVersion: configuration.version)
    }

    // MARK: Verdicts

    /// Judges a call, asking for money where the leases do not cover it. Nil: not in time; nothing was held.
    package func authorize(_ call: Call) async -> AuthorizeOutcome? {
        switch desk.withLock({ $0.authorize(call, at: desk.now(), isFinal: false) }) {
        case .ask(let ask):
            return await withCheckedContinuation { continuation in
                let answer = PendingVerdict(continuation)
                answer.giveUp(at: .now + LeaseRounds.longestWait)
                rounds.wait(
                    LeaseRounds.Waiter(call: call, ask: ask, deadline: .now + LeaseRounds.patience, answer: answer))
            }
        case .verdict(let verdict, let topUps):
            if !topUps.isEmpty { rounds.topUp(topUps) }
            return .verdict(verdict, topUps: [])
        case let outcome:
            return outcome
        }
    }

    /// What budgets have spent and hold in their current windows, by number: of one moment each.
    package func standings(of budgets: [Budget]) async throws -> [Int64: (spent: Int64, held: Int64)] {
        let now = desk.now().wall
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
        desk.withLock { desk in
            var states: [Int64: BudgetState] = [:]
            for budget in budgets { states[budget.number] = desk.state(of: budget, at: now) }
            return states
        }
    }

    private func isBehind(_ state: BudgetState?, _ stored: BudgetStore.Spent?) -> Bool {
        guard let state, let stored else { return false }
        return state.revision < stored.revision
    }

    // MARK: Settlements

    /// Commits an entry: of a hold where it has one, else of a call that was never authorized.
    package func record(
        _ entry: LedgerEntry, isOccurredAtGiven: Bool
    ) async -> Result<LedgerOutcome, LedgerFailure> {
        let digest = entry.digest(isOccurredAtGiven: isOccurredAtGiven)
        let tokens = entry.usage.quantities.totalTokens
        return await submit { desk in
            let charges =
                if let hold = entry.hold {
                    desk.beginSettling(hold, served: entry.model, cost: entry.rated.cost, tokens: tokens)
                } else {
                    desk.charges(
                        for: entry.who, model: entry.model, cost: entry.rated.cost, tokens: tokens,
                        occurredAt: entry.occurredAt)
                }
            return .record(entry, digest: digest, charges: charges)
        }
    }

    package func void(_ hold: Hold) async -> Result<LedgerOutcome, LedgerFailure> {
        await submit { .end(hold, .voided, charges: $0.beginVoiding(hold)) }
    }

    private func submit(_ begin: @Sendable (inout Desk) -> LedgerJob) async -> Result<LedgerOutcome, LedgerFailure> {
        await withCheckedContinuation { continuation in
            // In one go: a job worked out under one configuration is queued before the next one is taken over.
            let isTaken = desk.withLock { desk in
                submit(begin(&desk), of: &desk) { continuation.resume(returning: $0) }
            }
            if !isTaken { continuation.resume(returning: .failure(.unavailable)) }
        }
    }

    /// Hands a job to the writer. A hold whose end fails, or is not even taken, goes on.
    private func submit(
        _ job: LedgerJob, of inner: inout Desk,
        done: @escaping @Sendable (Result<LedgerOutcome, LedgerFailure>) -> Void
    ) -> Bool {
        let isTaken = writer.submit(job) { [desk] result in
            if case .failure = result, let hold = job.hold { desk.withLock { $0.reopen(hold) } }
            done(result)
        }
        if !isTaken, let hold = job.hold { inner.reopen(hold) }
        return isTaken
    }

    // MARK: Upkeep

    /// What is done once a second: expired holds end, idle leases go back, counts are written.
    package func tick() {
        let now = desk.now().wall
        let idle = desk.withLock { desk in
            desk.forgetEndedWindows(before: now)
            for (hold, charges) in desk.beginExpiring(at: now) {
                _ = submit(.end(hold, .expired, charges: charges), of: &desk) { _ in }
            }
            return desk.takeIdle(at: now, all: false)
        }
        rounds.giveBack(idle)
        writer.flush()
        let exhausted = desk.withLock { $0.takeExhausted() }
        if !exhausted.isEmpty { Task { await alert(exhausted) } }
    }

    private func alert(_ exhausted: Set<Int64>) async {
        do {
            let isNew = try await database.run { try AlertOutbox.writeExhausted(exhausted.sorted(), $0) }
            if isNew { alertsAreDue() }
        } catch {
            desk.withLock { $0.putBack(exhausted: exhausted) }
        }
    }

    /// Returns once every live replica has the configuration of `version`, or has been fenced.
    package func awaitConfiguration(_ version: Int64) async throws {
        control.reload()
        while true {
            let behind = try await database.run { try ConfigurationStore.replicasBehind(version, $0) }
            if behind == 0, configuration.version >= version { return }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Ends in order: no new holds, what is queued commits, leases go back, the replica is marked as drained.
    package func drain() async {
        desk.withLock { $0.drain() }
        let now = desk.now().wall
        rounds.giveBack(desk.withLock { $0.takeIdle(at: now, all: true) })
        writer.close()
        let threads = threads.withLock { $0 }
        await threads[0].ended()
        // Settlements that were queued have freed money since.
        rounds.giveBack(desk.withLock { $0.takeIdle(at: now, all: true) })
        rounds.close()
        await threads[1].ended()
        control.close()
        await threads[2].ended()
        let id = id
        do {
            try await database.run { try ReplicaRegistry.drained(id, $0) }
        } catch {
            log.warning("The replica could not be marked as drained", metadata: ["error": "\(error)"])
        }
        await database.close()
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
