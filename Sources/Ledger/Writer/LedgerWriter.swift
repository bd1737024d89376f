import Accounting
import Glibc
import Logging
import Postgres
import Synchronization

/// Sends the batches of the ledger queue to PostgreSQL, on a thread and a connection of its own.
final class LedgerWriter: Sendable {
    private let core: LockedCore
    let link: DatabaseLink
    private let log: Logger
    private let isFailing = Atomic(false)

    init(connectionString: String, core: LockedCore, log: Logger) {
        link = DatabaseLink(connectionString: connectionString, name: "writer", setUp: SessionPlanning.byKey)
        self.core = core
        self.log = log
    }

    /// Closes the queue to new jobs. The thread ends once the queued jobs are done.
    func close() {
        core.withLock { $0.close() }
        core.writerSignal.raise()
    }

    /// Starts the thread; it ends after `close()`. `committed` is called for each commit before the callers of its jobs
    /// are answered.
    func start(_ committed: @escaping @Sendable (CommittedBatch) -> Void) -> DedicatedThread {
        DedicatedThread(name: "ledger-writer") { [self] in
            while true {
                let now = SystemClock.now()
                let (attempt, wakeAt, isFinished) = core.withLock {
                    ($0.nextAttempt(at: now), $0.ledger.wakeAtNanoseconds, $0.ledger.isFinished)
                }
                guard let attempt else {
                    if isFinished { return }
                    // Nothing can be sent before `wakeAt`, even if the signal is raised, so sleep instead of waiting
                    // for the signal.
                    if let wakeAt {
                        usleep(UInt32(max(1, (wakeAt - now.monotonicNanoseconds) / 1000)))
                    } else {
                        core.writerSignal.wait()
                    }
                    continue
                }
                let outcome = send(attempt)
                let (effects, isTakenOver, isMoneyAwaited) = core.withLock { core in
                    let before = core.configurationVersionInForce
                    let effects = core.took(outcome, at: SystemClock.now())
                    return (effects, core.configurationVersionInForce != before, core.leases.waitingCount > 0)
                }
                if isMoneyAwaited { core.leaseSignal.raise() }
                if case .lostPast = outcome { core.heartbeatSignal.raise() }
                if isTakenOver { core.heartbeatSignal.raise() }
                if let batch = effects.committed { committed(batch) }
                effects.answerCallers()
            }
        }
    }

    private func send(_ attempt: LedgerQueue.Attempt) -> LedgerQueue.Outcome {
        var batch = attempt.batch
        do {
            let committed = try link.run { try batch.commit(on: $0, mayBeCommitted: attempt.mayBeCommitted) }
            isFailing.store(false, ordering: .relaxed)
            return .committed(committed, batch)
        } catch let failure as CommitOutcomeCheck.Failure {
            noteFailing(failure.cause, batch)
            return .failed
        } catch is BatchRead.LostPast {
            log.error("The database was restored from a backup: what waited to be written is sent again by its callers")
            return .lostPast
        } catch let error as PostgresError {
            if error.isBatchThere { return .unanswered }
            if error.isRetryable || error.isClaimedMeanwhile { return .lostRace }
            if error.isPassing || error.kind == .unknownOutcome {
                noteFailing(error, batch)
                return error.kind == .unknownOutcome ? .unanswered : .failed
            }
            log.error("A batch was refused", metadata: ["jobs": "\(batch.jobs.count)", "error": "\(error)"])
            return .refused(sqlState: error.sqlState ?? "none")
        } catch {
            log.error("A batch failed", metadata: ["jobs": "\(batch.jobs.count)", "error": "\(error)"])
            return .refused(sqlState: "none")
        }
    }

    /// Logs one line when batches begin to fail, not one for each attempt.
    private func noteFailing(_ error: PostgresError, _ batch: WriteBatch) {
        guard !isFailing.exchange(true, ordering: .relaxed) else { return }
        log.error("The ledger cannot be written", metadata: ["jobs": "\(batch.jobs.count)", "error": "\(error)"])
    }
}
