import Accounting

/// Jobs that wait for the next commit, and the batch on its way to PostgreSQL.
///
/// A batch is sent until it is known to be committed or refused: its entry ids and batch number tell whether an attempt
/// of unknown outcome was. A row that PostgreSQL refuses fails alone. It neither waits nor sends by itself: `next` says
/// what to send, `took` takes in what came of it.
package struct LedgerQueue: Sendable {
    package typealias Done = @Sendable (Result<LedgerOutcome, LedgerFailure>) -> Void

    /// Who waits for a job.
    struct Caller: Sendable {
        /// When it is answered with 503 at the latest, but for the attempt under way.
        let deadlineNanoseconds: Int64
        /// Nil once it was told that nobody knows yet.
        var done: Done?
    }

    /// Jobs in the order they came, for one transaction. The callers are apart so that a batch takes the jobs as they
    /// are, without a copy.
    struct Load: Sendable {
        var jobs: [LedgerJob] = []
        var callers: [Caller] = []
        var tallies: [VerdictTally] = []

        var count: Int { jobs.count }

        mutating func append(_ job: LedgerJob, _ caller: Caller) {
            jobs.append(job)
            callers.append(caller)
        }

        /// The first `count` jobs, with all counts; what is left has none.
        mutating func takeFirst(_ count: Int) -> Load {
            if count >= jobs.count {
                defer { self = Load() }
                return self
            }
            let first = Load(
                jobs: Array(jobs.prefix(count)), callers: Array(callers.prefix(count)), tallies: tallies)
            jobs.removeFirst(count)
            callers.removeFirst(count)
            tallies = []
            return first
        }
    }

    struct Batch: Sendable {
        var load: Load
        let written: WriteBatch
        /// When nothing in it is waited for any more.
        let deadlineNanoseconds: Int64
    }

    /// One attempt of a batch.
    package struct Attempt: Sendable {
        package let batch: WriteBatch
        /// An earlier attempt may have been committed: this one must look for it first.
        package let mayBeCommitted: Bool
    }

    /// What became of an attempt.
    package enum Outcome: Sendable {
        /// With the batch as it was written.
        case committed(CommittedBatch, WriteBatch)
        /// Nothing was done; it lost a race and is sent again at once.
        case lostRace
        /// Nothing was done, and it may be sent again.
        case failed
        /// The commit was sent and not answered.
        case unanswered
        /// Nothing was done: PostgreSQL refuses a row of it.
        case refused(sqlState: String)
    }

    /// What is to be done once an outcome is taken in.
    package struct Effects: Sendable {
        package var committed: CommittedBatch?
        /// Callers to answer.
        var answers: [(done: Done, result: Result<LedgerOutcome, LedgerFailure>)] = []
        /// Holds whose end was not committed.
        var reopened: [Hold] = []
        /// Counts that were not written.
        var putBack: [VerdictTally] = []

        mutating func answer(_ caller: Caller, _ result: Result<LedgerOutcome, LedgerFailure>) {
            if let done = caller.done { answers.append((done, result)) }
        }

        package func answerCallers() { for (done, result) in answers { done(result) } }
    }

    /// Jobs beyond this are refused as over capacity.
    static let maximumWaiting = 100_000
    /// Jobs in one transaction at the most.
    static let maximumBatch = 2_000
    /// How long a settlement waits for the database before it is answered with 503.
    static let patienceNanoseconds: Int64 = 5_000_000_000

    var waiting = Load()
    package private(set) var isClosed = false
    /// Jobs that were ever taken, and those of them that were committed or have failed.
    private(set) var takenCount = 0
    var doneCount = 0
    /// Set once a second, so that verdict counts are written without a settlement to go with them.
    var isDue = false

    private var session: WriterSession
    /// Parts of a batch that was refused or shortened, the next one last.
    var parts: [Load] = []
    var underWay: Batch?
    // Once a COMMIT was sent, giving up would be guessing: from then on only an answer ends the batch.
    var mayBeCommitted = false
    private var isSent = false
    /// Attempts that failed since one did not.
    private var failures = 0
    private var pausedUntilNanoseconds: Int64 = 0
    /// How long a batch gathers jobs before it is sent, because others have its windows meanwhile.
    private var gatheringNanoseconds: Int64 = 0

    package init(replicaID: Int64) { session = WriterSession(replicaID: replicaID) }

    mutating func add(_ job: LedgerJob, at now: Moment, done: @escaping Done) -> Bool {
        guard !isClosed, waiting.count < Self.maximumWaiting else { return false }
        let deadline = now.monotonicNanoseconds + Self.patienceNanoseconds
        waiting.append(job, Caller(deadlineNanoseconds: deadline, done: done))
        takenCount += 1
        return true
    }

    /// Takes no more jobs; what was counted is written with the last.
    mutating func close() { (isClosed, isDue) = (true, true) }

    /// Nothing will ever be sent again.
    package var isFinished: Bool { isClosed && isIdle && !isDue }

    /// Nothing waits and nothing is on its way.
    package var isIdle: Bool { waiting.count == 0 && parts.isEmpty && underWay == nil }

    /// When `next` should be asked again at the latest; nil where only an event gives it something to do.
    package var wakeAtNanoseconds: Int64? {
        if isSent { return nil }
        return isIdle && !isDue ? nil : pausedUntilNanoseconds
    }

    /// The next attempt to send; nil while there is nothing, or an answer is awaited.
    mutating func next(_ desk: inout Desk, at now: Moment) -> Attempt? {
        guard let due = wakeAtNanoseconds, now.monotonicNanoseconds >= due else { return nil }
        if underWay == nil { begin(&desk, at: now) }
        guard let underWay else { return nil }
        isSent = true
        return Attempt(batch: underWay.written, mayBeCommitted: mayBeCommitted)
    }

    private mutating func begin(_ desk: inout Desk, at now: Moment) {
        // A replica that was declared gone goes on under another id, with a chain of its own.
        if session.replicaID != desk.replicaID { session = WriterSession(replicaID: desk.replicaID) }
        var load: Load
        if let part = parts.popLast() {
            load = part
        } else {
            load = waiting.takeFirst(Self.maximumBatch)
            // Counts are not worth a statement in every batch.
            if isDue { load.tallies = desk.takeTallies() }
            isDue = false
        }
        guard load.count > 0 || !load.tallies.isEmpty else { return }
        let batch = session.prepare(load.jobs, load.tallies, desk.configuration)
        let deadline = load.callers.last?.deadlineNanoseconds ?? now.monotonicNanoseconds + Self.patienceNanoseconds
        underWay = Batch(load: load, written: batch, deadlineNanoseconds: deadline)
    }

    /// Takes in what became of the attempt under way.
    mutating func took(_ outcome: Outcome, at now: Moment) -> Effects {
        guard let load = underWay?.load else { return Effects() }
        isSent = false
        switch outcome {
        case .committed(let committed, let batch):
            failures = 0
            session.advance(past: committed, batch)
            gather(at: now, after: committed.lockWaitMicroseconds * 1000)
            return end(load.callers, committed)
        case .lostRace, .failed, .unanswered:
            pausedUntilNanoseconds = now.monotonicNanoseconds + pauseNanoseconds(after: outcome)
            failures += 1
            if case .unanswered = outcome, !mayBeCommitted {
                // Asking what became of it may take no longer than a moment.
                mayBeCommitted = true
                return Effects()
            }
            return giveUpOverdue(at: now)
        case .refused(let sqlState):
            failures = 0
            return split(load, sqlState)
        }
    }

    /// 50 ms at first and a second at the most; who lost a race goes again at once, once.
    private func pauseNanoseconds(after outcome: Outcome) -> Int64 {
        if case .lostRace = outcome, failures == 0 { return 0 }
        return min(50_000_000 << min(Int64(failures), 5), 1_000_000_000)
    }

    /// A batch that would wait for its windows anyway waits before it takes its jobs: what comes meanwhile goes along,
    /// and replicas that share a hot window write fewer, larger batches. Seven eighths of the wait, so that it is given
    /// up when nobody is in the way any more; five milliseconds at the most.
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
        for (caller, outcome) in zip(callers, committed.outcomes) { effects.answer(caller, .success(outcome)) }
        return effects
    }
}
