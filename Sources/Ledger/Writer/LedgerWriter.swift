import Accounting
import Logging
import Postgres

/// The one writer of a replica: settlements queue here and commit together, on a thread and a connection of its own.
///
/// A batch is sent until it is known to be committed or refused: its entry ids and batch number tell whether an
/// attempt of unknown outcome was. A row that PostgreSQL refuses fails alone.
package final class LedgerWriter: Sendable {
    private let queue = Monitor(LedgerQueue())
    private let link: DatabaseLink
    private let log: Logger

    /// What the writer needs of the replica it writes for.
    package struct Replica: Sendable {
        let replicaID: Int64
        let takeTallies: @Sendable () -> [VerdictTally]
        let putBack: @Sendable ([VerdictTally]) -> Void
        let configuration: @Sendable () -> Configuration
        /// Told of every commit before the jobs in it are.
        let committed: @Sendable (CommittedBatch) -> Void
    }

    package init(connectionString: String, log: Logger) {
        link = DatabaseLink(connectionString: connectionString)
        self.log = log
    }

    /// Queues a job; `done` is called on the writer's thread once it is committed or has failed. False, and `done` is
    /// never called, where the queue is full or closed.
    func submit(_ job: LedgerJob, done: @escaping @Sendable (Result<LedgerOutcome, LedgerFailure>) -> Void) -> Bool {
        queue.withLock { $0.add(LedgerQueue.Entry(job: job, done: done)) }
    }

    /// Blocks until every job that is queued by now is committed or has failed, for at most `seconds`.
    func awaitQueued(atMostSeconds seconds: Int64) {
        let count = queue.withLock(wake: .none) { $0.takenCount }
        _ = queue.wait(until: .now + .seconds(seconds)) { $0.doneCount >= count ? true : nil }
    }

    /// Has what was counted written now.
    package func flush() { queue.withLock { $0.isDue = true } }

    /// Takes no more jobs; the thread ends when what is queued is committed.
    package func close() { queue.withLock { $0.close() } }

    package var waitingCount: Int { queue.withLock(wake: .none) { $0.waiting.count } }

    /// Starts the writer's thread; it ends after `close()`.
    package func start(for replica: Replica) -> DedicatedThread {
        DedicatedThread(name: "ledger-writer") { [self] in
            var session = WriterSession(replicaID: replica.replicaID)
            while let entries = queue.wait(for: { $0.next() }) {
                let isLast = entries.isEmpty && queue.withLock(wake: .none) { $0.isClosed && $0.waiting.isEmpty }
                commit(entries, replica.takeTallies(), &session, replica)
                queue.withLock { $0.finish(entries.count) }
                if isLast { return }
            }
        }
    }

    private func commit(
        _ entries: [LedgerQueue.Entry], _ tallies: [VerdictTally], _ session: inout WriterSession, _ replica: Replica
    ) {
        guard !entries.isEmpty || !tallies.isEmpty else { return }
        switch attempt(entries.map(\.job), tallies, &session, replica) {
        case .success(let batch):
            replica.committed(batch)
            for (entry, outcome) in zip(entries, batch.outcomes) { entry.done(.success(outcome)) }
        case .failure(.refused) where !entries.isEmpty && !tallies.isEmpty:
            // Counts must never stand in the way of a settlement.
            commit(entries, [], &session, replica)
            commit([], tallies, &session, replica)
        case .failure(.refused) where entries.count + tallies.count > 1:
            // One row spoils the batch: halves until it stands alone.
            let (jobs, counts) = (entries.count / 2, tallies.count / 2)
            commit(Array(entries[..<jobs]), Array(tallies[..<counts]), &session, replica)
            commit(Array(entries[jobs...]), Array(tallies[counts...]), &session, replica)
        case .failure(let failure):
            if case .unavailable = failure { replica.putBack(tallies) }
            for entry in entries { entry.done(.failure(failure)) }
        }
    }

    /// Sends one batch until its outcome is known. While the database is away it waits for as long as callers do.
    private func attempt(
        _ jobs: [LedgerJob], _ tallies: [VerdictTally], _ session: inout WriterSession, _ replica: Replica
    ) -> Result<CommittedBatch, LedgerFailure> {
        let deadline = ContinuousClock.now + .seconds(Self.patienceSeconds)
        var batch = session.prepare(jobs, tallies, replica.configuration())
        // Once a COMMIT was sent, giving up would be guessing: from then on only an answer ends this.
        var mayBeCommitted = false
        while true {
            do {
                let committed = try link.run { try batch.commit(on: $0, mayBeCommitted: mayBeCommitted) }
                session.advance(past: committed, batch)
                return .success(committed)
            } catch let error as PostgresError {
                switch error.kind {
                case .unknownOutcome: mayBeCommitted = true
                case _ where error.isRetryable: continue
                case _ where error.isPassing: break
                default:
                    log.error("A batch was refused", metadata: ["jobs": "\(jobs.count)", "error": "\(error)"])
                    return .failure(.refused(sqlState: error.sqlState ?? "none"))
                }
                // At a shutdown there is nobody left to go on with a wrong idea of it: the next start asks the database.
                let mustKnow = mayBeCommitted && !queue.withLock(wake: .none) { $0.isClosed }
                guard mustKnow || ContinuousClock.now < deadline else {
                    log.error("The ledger cannot be reached", metadata: ["jobs": "\(jobs.count)", "error": "\(error)"])
                    return .failure(.unavailable)
                }
                link.pause()
            } catch {
                log.error("A batch failed", metadata: ["jobs": "\(jobs.count)", "error": "\(error)"])
                return .failure(.refused(sqlState: "none"))
            }
        }
    }

    /// How long a settlement waits for the database before it is answered with 503.
    private static let patienceSeconds: Int64 = 5
}
