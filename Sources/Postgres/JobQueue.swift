/// The jobs of a pool: those that wait for a connection, and those that run. A value that neither waits nor runs
/// anything: the workers report events to it and take jobs from it.
struct JobQueue {
    struct Job: Sendable {
        let id: Int64
        /// Runs the job and returns what tells its caller of the result.
        let run: @Sendable (Connection) -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void
        let enqueued: ContinuousClock.Instant
    }

    /// What a pool has done since the process began.
    struct Counts: Sendable {
        /// Jobs that got a connection.
        var begun = 0
        /// How long these waited for one, all together.
        var waited = Duration.zero
        /// Jobs that did not get one in time, or that the full queue did not take.
        var refused = 0
        /// Jobs whose caller went away while they waited or ran.
        var cancelled = 0
    }

    private var waiting: [Job] = []
    private var head = 0
    private var running: [Int64: StatementInterrupt] = [:]
    private(set) var isClosed = false
    private(set) var connectedCount = 0
    private(set) var counts = Counts()
    /// Why the last connection was lost or could not be made.
    var lastFailure = PostgresError(.connection, "there is no connection to the database yet")

    let limit: Int

    init(limit: Int) { self.limit = limit }

    var count: Int { waiting.count - head }

    /// Whether a job that waits may have to wait for another one to end.
    var isBusy: Bool { count + running.count > connectedCount }

    /// Adds a job. Returns why the queue refused it; nil if the queue took it.
    mutating func enqueue(_ job: Job) -> PostgresError? {
        if isClosed { return PostgresError(.usage, "the connection pool is closed") }
        guard count < limit else {
            counts.refused += 1
            return PostgresError(.busy, "\(limit) jobs wait for a database connection already")
        }
        waiting.append(job)
        return nil
    }

    /// The next job, which runs from now on. The interrupt is that of the connection it runs on.
    mutating func next(at now: ContinuousClock.Instant, _ interrupt: StatementInterrupt) -> Job? {
        guard head < waiting.count else { return nil }
        let job = waiting[head]
        counts.begun += 1
        counts.waited += now - job.enqueued
        running[job.id] = interrupt
        head += 1
        // Compacts the array only once half of it is taken, so that each job is moved about once.
        if head * 2 >= waiting.count { dropTaken() }
        return job
    }

    mutating func finished(_ id: Int64) { running[id] = nil }

    /// Puts back, as the first in line, a job whose worker found its connection lost. Returns false if the job's caller
    /// has gone away meanwhile.
    mutating func putBack(_ job: Job) -> Bool {
        guard running.removeValue(forKey: job.id) != nil else { return false }
        dropTaken()
        waiting.insert(job, at: 0)
        return true
    }

    /// Ends a job whose caller went away. Returns the job if it still waited; if it runs, its statement is cancelled.
    mutating func cancel(_ id: Int64) -> Job? {
        if let interrupt = running.removeValue(forKey: id) {
            counts.cancelled += 1
            interrupt.raise()
            return nil
        }
        guard let index = waiting[head...].firstIndex(where: { $0.id == id }) else { return nil }
        counts.cancelled += 1
        return waiting.remove(at: index)
    }

    /// Removes and returns the jobs that were enqueued at `limit` or before.
    mutating func expire(enqueuedBefore limit: ContinuousClock.Instant) -> [Job] {
        dropTaken()
        let expired = waiting.filter { $0.enqueued <= limit }
        waiting.removeAll { $0.enqueued <= limit }
        counts.refused += expired.count
        return expired
    }

    mutating func connected() { connectedCount += 1 }

    mutating func disconnected(because failure: PostgresError) {
        connectedCount -= 1
        lastFailure = failure
    }

    mutating func close() { isClosed = true }

    private mutating func dropTaken() {
        waiting.removeFirst(head)
        head = 0
    }
}
