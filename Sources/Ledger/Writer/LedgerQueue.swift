import Accounting

/// Jobs that wait for the next commit, and the batch on its way to PostgreSQL.
///
/// A batch is sent until it is known to be committed or refused: its entry ids and batch number tell whether an attempt
/// of unknown outcome was. A row that PostgreSQL refuses fails alone. It neither waits nor sends by itself: `next` says
/// what to send, `took` takes in what came of it.
package struct LedgerQueue: Sendable {
    package typealias Done = @Sendable (Result<LedgerOutcome, LedgerFailure>) -> Void

    struct Entry: Sendable {
        let job: LedgerJob
        let done: Done
    }

    /// What goes into one transaction.
    struct Load: Sendable {
        var entries: [Entry]
        var tallies: [VerdictTally]
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

        package func answerCallers() { for (done, result) in answers { done(result) } }
    }

    /// Jobs beyond this are refused as over capacity.
    static let maximumWaiting = 100_000
    /// Jobs in one transaction at the most.
    static let maximumBatch = 2_000
    /// How long a settlement waits for the database before it is answered with 503.
    static let patienceNanoseconds: Int64 = 5_000_000_000
    static let pauseNanoseconds: Int64 = 50_000_000

    private(set) var waiting: [Entry] = []
    package private(set) var isClosed = false
    /// Jobs that were ever taken, and those of them that were committed or have failed.
    private(set) var takenCount = 0
    private(set) var doneCount = 0
    /// Set once a second, so that verdict counts are written without a settlement to go with them.
    var isDue = false

    private var session: WriterSession
    /// Parts of a batch that was refused, the next one last.
    private var parts: [Load] = []
    private var underWay: (load: Load, batch: WriteBatch, deadlineNanoseconds: Int64)?
    // Once a COMMIT was sent, giving up would be guessing: from then on only an answer ends the batch.
    private var mayBeCommitted = false
    private var isSent = false
    private var pausedUntilNanoseconds: Int64 = 0

    package init(replicaID: Int64) { session = WriterSession(replicaID: replicaID) }

    mutating func add(_ job: LedgerJob, done: @escaping Done) -> Bool {
        guard !isClosed, waiting.count < Self.maximumWaiting else { return false }
        waiting.append(Entry(job: job, done: done))
        takenCount += 1
        return true
    }

    /// Takes no more jobs; what was counted is written with the last.
    mutating func close() { (isClosed, isDue) = (true, true) }

    /// Nothing will ever be sent again.
    package var isFinished: Bool { isClosed && isIdle && !isDue }

    /// Nothing waits and nothing is on its way.
    package var isIdle: Bool { waiting.isEmpty && parts.isEmpty && underWay == nil }

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
        return Attempt(batch: underWay.batch, mayBeCommitted: mayBeCommitted)
    }

    private mutating func begin(_ desk: inout Desk, at now: Moment) {
        // A replica that was declared gone goes on under another id, with a chain of its own.
        if session.replicaID != desk.replicaID { session = WriterSession(replicaID: desk.replicaID) }
        let load: Load
        if let part = parts.popLast() {
            load = part
        } else {
            isDue = false
            load = Load(entries: Array(waiting.prefix(Self.maximumBatch)), tallies: desk.takeTallies())
            waiting.removeFirst(load.entries.count)
        }
        guard !load.entries.isEmpty || !load.tallies.isEmpty else { return }
        let batch = session.prepare(load.entries.map(\.job), load.tallies, desk.configuration)
        underWay = (load, batch, now.monotonicNanoseconds + Self.patienceNanoseconds)
    }

    /// Takes in what became of the attempt under way.
    mutating func took(_ outcome: Outcome, at now: Moment) -> Effects {
        guard let (load, _, deadline) = underWay else { return Effects() }
        isSent = false
        switch outcome {
        case .committed(let committed, let batch):
            session.advance(past: committed, batch)
            return end(load, zip(load.entries, committed.outcomes).map { ($0.done, .success($1)) }, committed)
        case .lostRace:
            return Effects()
        case .failed, .unanswered:
            if case .unanswered = outcome { mayBeCommitted = true }
            pausedUntilNanoseconds = now.monotonicNanoseconds + Self.pauseNanoseconds
            // At a shutdown there is nobody left to go on with a wrong idea of it: the next start asks the database.
            if mayBeCommitted && !isClosed || now.monotonicNanoseconds < deadline { return Effects() }
            return fail(load, .unavailable)
        case .refused(let sqlState):
            return split(load, sqlState)
        }
    }

    /// Counts must never stand in the way of a settlement, nor one settlement in the way of others: halves until what
    /// is refused stands alone.
    private mutating func split(_ load: Load, _ sqlState: String) -> Effects {
        let (entries, tallies) = (load.entries, load.tallies)
        guard entries.count + tallies.count > 1 else { return fail(load, .refused(sqlState: sqlState)) }
        (underWay, mayBeCommitted) = (nil, false)
        if !entries.isEmpty && !tallies.isEmpty {
            parts += [Load(entries: [], tallies: tallies), Load(entries: entries, tallies: [])]
        } else {
            let (jobs, counts) = (entries.count / 2, tallies.count / 2)
            parts.append(Load(entries: Array(entries[jobs...]), tallies: Array(tallies[counts...])))
            parts.append(Load(entries: Array(entries[..<jobs]), tallies: Array(tallies[..<counts])))
        }
        return Effects()
    }

    private mutating func fail(_ load: Load, _ failure: LedgerFailure) -> Effects {
        var effects = end(load, load.entries.map { ($0.done, .failure(failure)) }, nil)
        effects.reopened = load.entries.compactMap(\.job.hold)
        if case .unavailable = failure { effects.putBack = load.tallies }
        return effects
    }

    private mutating func end(
        _ load: Load, _ answers: [(done: Done, result: Result<LedgerOutcome, LedgerFailure>)],
        _ committed: CommittedBatch?
    ) -> Effects {
        (underWay, mayBeCommitted) = (nil, false)
        doneCount += load.entries.count
        return Effects(committed: committed, answers: answers)
    }
}
