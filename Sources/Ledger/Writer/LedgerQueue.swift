import Accounting

/// The jobs that wait for the next commit, and the batch in flight to PostgreSQL.
///
/// A batch is sent until it is known to be committed or refused. Its entry ids and batch number stay the same, so they
/// tell whether an attempt of unknown outcome was committed. A row that PostgreSQL refuses fails alone. The queue
/// itself neither waits nor does I/O: `next` returns what to send, `took` processes the outcome.
package struct LedgerQueue: Sendable {
    package typealias Done = @Sendable (Result<LedgerOutcome, LedgerFailure>) -> Void

    /// The caller that waits for a job.
    struct Caller: Sendable {
        /// The latest time to answer the caller with 503. Only an attempt in flight is waited for beyond it.
        let deadlineNanoseconds: Int64
        /// Nil once the caller was told that the outcome is unknown.
        var done: Done?
    }

    /// A pending batch: jobs for one transaction, in the order they came. The callers are in an array of their own, so
    /// that a batch takes the jobs as they are, without a copy.
    struct PendingBatch: Sendable {
        var jobs: [LedgerJob] = []
        var callers: [Caller] = []
        var verdictNotes = VerdictNotes()

        var count: Int { jobs.count }

        mutating func append(_ job: LedgerJob, _ caller: Caller) {
            jobs.append(job)
            callers.append(caller)
        }

        /// Removes and returns the first `count` jobs, together with all notes of verdicts.
        mutating func takeFirst(_ count: Int) -> PendingBatch {
            if count >= jobs.count {
                defer { self = PendingBatch() }
                return self
            }
            let first = PendingBatch(
                jobs: Array(jobs.prefix(count)), callers: Array(callers.prefix(count)), verdictNotes: verdictNotes)
            jobs.removeFirst(count)
            callers.removeFirst(count)
            verdictNotes = VerdictNotes()
            return first
        }
    }

    struct Batch: Sendable {
        var pending: PendingBatch
        var written: WriteBatch
        /// The time after which no caller waits for any job of the batch.
        let deadlineNanoseconds: Int64
    }

    /// One attempt of a batch.
    package struct Attempt: Sendable {
        package let batch: WriteBatch
        /// An earlier attempt may have been committed, so this attempt must check that first.
        package let mayBeCommitted: Bool
    }

    /// The outcome of an attempt.
    package enum Outcome: Sendable {
        /// The effects of the commit, and the batch as it was written.
        case committed(CommittedBatch, WriteBatch)
        /// Nothing was committed, because another transaction won a race. The batch is sent again, the first time at
        /// once.
        case lostRace
        /// Nothing was committed, and the batch may be sent again.
        case failed
        /// The commit was sent but not answered.
        case unanswered
        /// Nothing was committed, because the database lacks what this replica has committed before: it was restored
        /// from a backup.
        case lostPast
        /// Nothing was committed, because PostgreSQL refuses a row of the batch.
        case refused(sqlState: String)
    }

    /// The work that is left to do after an outcome was processed.
    package struct Effects: Sendable {
        package var committed: CommittedBatch?
        /// Callers to answer.
        var answers: [(done: Done, result: Result<LedgerOutcome, LedgerFailure>)] = []
        /// Holds whose end was not committed.
        var reopened: [Hold] = []
        /// Notes of verdicts that were not written.
        var putBack = VerdictNotes()

        mutating func answer(_ caller: Caller, _ result: Result<LedgerOutcome, LedgerFailure>) {
            if let done = caller.done { answers.append((done, result)) }
        }

        package func answerCallers() { for (done, result) in answers { done(result) } }
    }

    /// The queue refuses jobs beyond this number as over capacity.
    static let maximumWaiting = 100_000
    /// The maximum number of jobs in one transaction.
    static let maximumBatch = 2_000
    /// The maximum number of pages of the verdict log in one transaction, so that no settlement waits for a long log.
    static let maximumPages = 8
    /// How long a settlement waits for the database before it is answered with 503.
    static let timeoutNanoseconds: Int64 = 5_000_000_000

    var waiting = PendingBatch()
    package private(set) var isClosed = false
    /// The number of jobs ever taken, and the number of those that were committed or have failed.
    private(set) var takenCount = 0
    var doneCount = 0
    /// Set once a second, so that what was noted of verdicts is written even if there is no settlement.
    var isDue = false

    private var session: WriterSession
    /// The splits of a batch that was refused or shortened. The next one to send is the last element.
    var splits: [PendingBatch] = []
    var underWay: Batch?
    // Once a COMMIT was sent, giving up would be guessing. From then on only an answer ends the batch.
    var mayBeCommitted = false
    private(set) var isSent = false
    /// The number of attempts that failed since the last success.
    private var failures = 0
    private var pausedUntilNanoseconds: Int64 = 0
    /// How long the next batch gathers jobs before it is sent, because other transactions have its rows locked.
    private var gatheringNanoseconds: Int64 = 0

    package init(replicaID: Int64) { session = WriterSession(replicaID: replicaID) }

    mutating func add(_ job: LedgerJob, at now: Moment, done: @escaping Done) -> Bool {
        guard !isClosed, waiting.count < Self.maximumWaiting else { return false }
        let deadline = now.monotonicNanoseconds + Self.timeoutNanoseconds
        waiting.append(job, Caller(deadlineNanoseconds: deadline, done: done))
        takenCount += 1
        return true
    }

    /// Closes the queue to new jobs. The last batch also writes the remaining verdict counts.
    mutating func close() { (isClosed, isDue) = (true, true) }

    /// Whether the queue is closed and has nothing left to send.
    package var isFinished: Bool { isClosed && isIdle && !isDue }

    /// Whether no job waits and no batch is in flight.
    package var isIdle: Bool { waiting.count == 0 && splits.isEmpty && underWay == nil }

    /// The latest time to call `next` again, on the monotonic clock. Nil while an answer is awaited, or if only an
    /// event can give the queue something to send.
    package var wakeAtNanoseconds: Int64? {
        if isSent { return nil }
        return isIdle && !isDue ? nil : pausedUntilNanoseconds
    }

    /// The next attempt to send; nil if nothing is due or an answer is awaited.
    mutating func next(_ engine: inout AdmissionEngine, at now: Moment) -> Attempt? {
        guard let due = wakeAtNanoseconds, now.monotonicNanoseconds >= due else { return nil }
        if underWay == nil { begin(&engine, at: now) }
        guard let underWay else { return nil }
        isSent = true
        return Attempt(batch: underWay.written, mayBeCommitted: mayBeCommitted)
    }

    private mutating func begin(_ engine: inout AdmissionEngine, at now: Moment) {
        // A replica that was declared gone continues under a new id, with a hash chain of its own.
        if session.replicaID != engine.replicaID { session = WriterSession(replicaID: engine.replicaID) }
        var pending: PendingBatch
        if let part = splits.popLast() {
            pending = part
        } else {
            pending = waiting.takeFirst(Self.maximumBatch)
            // Verdict counts are written only when due, because they are not worth a statement in every batch. Reports have
            // downgrades beside their settlements, so those are not written before.
            if isDue || pending.jobs.contains(where: \.settlesDowngrade) {
                pending.verdictNotes.counts = engine.takeVerdictCounts()
            }
            if isDue { pending.verdictNotes.pages = engine.verdictLog.take(most: Self.maximumPages) }
            // After an outage the rest of the log goes with the batches that follow.
            isDue = isDue && engine.verdictLog.hasMore
        }
        guard pending.count > 0 || !pending.verdictNotes.isEmpty else { return }
        let batch = session.prepare(pending.jobs, pending.verdictNotes, engine.configuration)
        let deadline = pending.callers.last?.deadlineNanoseconds ?? now.monotonicNanoseconds + Self.timeoutNanoseconds
        underWay = Batch(pending: pending, written: batch, deadlineNanoseconds: deadline)
    }

    /// Processes the outcome of the attempt in flight.
    mutating func took(_ outcome: Outcome, at now: Moment) -> Effects {
        guard let pending = underWay?.pending else { return Effects() }
        isSent = false
        switch outcome {
        case .committed(let committed, let batch):
            failures = 0
            session.advance(past: committed, batch)
            gather(at: now, after: committed.lockWaitMicroseconds * 1000)
            return end(pending.callers, committed)
        case .lostRace, .failed, .unanswered:
            pausedUntilNanoseconds = now.monotonicNanoseconds + pauseNanoseconds(after: outcome)
            failures += 1
            // It may have waited too long for a window that somebody has locked.
            underWay?.written.sharesRows = true
            if case .unanswered = outcome, !mayBeCommitted {
                // The commit outcome check may take only a moment, so no caller is answered yet.
                mayBeCommitted = true
                return Effects()
            }
            return giveUpOverdue(at: now)
        case .lostPast:
            // Until the replica has registered anew, no attempt can succeed.
            pausedUntilNanoseconds = now.monotonicNanoseconds + pauseNanoseconds(after: outcome)
            mayBeCommitted = false
            return giveUpAll()
        case .refused(let sqlState):
            failures = 0
            return split(pending, sqlState)
        }
    }

    /// The pause after a failed attempt: 50 ms at first, doubling up to one second. A first lost race has no pause.
    private func pauseNanoseconds(after outcome: Outcome) -> Int64 {
        if case .lostRace = outcome, failures == 0 { return 0 }
        return min(50_000_000 << min(Int64(failures), 5), 1_000_000_000)
    }

    /// Delays the next batch if it would wait for locked rows anyway. Jobs that come meanwhile join the batch, so
    /// that replicas sharing a hot daily sum write fewer, larger batches. The delay is seven eighths of the last delay
    /// and lock wait together, so that it fades once nobody else locks the rows. It is five milliseconds at most.
    private mutating func gather(at now: Moment, after lockWaitNanoseconds: Int64) {
        gatheringNanoseconds = min((gatheringNanoseconds + lockWaitNanoseconds) * 7 / 8, 5_000_000)
        if waiting.count < Self.maximumBatch {
            pausedUntilNanoseconds = now.monotonicNanoseconds + gatheringNanoseconds
        }
    }

    private mutating func end(_ callers: [Caller], _ committed: CommittedBatch) -> Effects {
        (underWay, mayBeCommitted) = (nil, false)
        doneCount += callers.count
        var effects = Effects(committed: committed)
        effects.answers.reserveCapacity(callers.count)
        for (caller, outcome) in zip(callers, committed.outcomes) { effects.answer(caller, outcome) }
        return effects
    }
}
