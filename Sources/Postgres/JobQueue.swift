/// The jobs that wait for a connection of a pool. A value that neither waits nor runs anything: the workers report
/// events to it and take jobs from it.
struct JobQueue {
    struct Job: Sendable {
        let run: @Sendable (Connection) -> Void
        let fail: @Sendable (PostgresError) -> Void
        let enqueued: ContinuousClock.Instant
    }

    private var waiting: [Job] = []
    private var head = 0
    private(set) var isClosed = false
    private(set) var connectedCount = 0
    /// How many jobs have begun, and how long all of them together waited for a connection.
    private(set) var begun: (count: Int, waited: Duration) = (0, .zero)
    /// Why the last connection was lost or could not be made.
    var lastFailure = PostgresError(.connection, "there is no connection to the database yet")

    let limit: Int

    init(limit: Int) { self.limit = limit }

    var count: Int { waiting.count - head }

    /// Adds a job. Returns why the queue refused it; nil if the queue took it.
    mutating func enqueue(_ job: Job) -> PostgresError? {
        if isClosed { return PostgresError(.usage, "the connection pool is closed") }
        guard count < limit else {
            return PostgresError(.connection, "\(limit) jobs wait for a database connection already")
        }
        waiting.append(job)
        return nil
    }

    mutating func next(at now: ContinuousClock.Instant) -> Job? {
        guard head < waiting.count else { return nil }
        let job = waiting[head]
        begun = (begun.count + 1, begun.waited + (now - job.enqueued))
        head += 1
        // Compacts the array only once half of it is taken, so that each job is moved about once.
        if head * 2 >= waiting.count { dropTaken() }
        return job
    }

    /// Puts back, as the first in line, a job whose worker found its connection lost.
    mutating func putBack(_ job: Job) {
        dropTaken()
        waiting.insert(job, at: 0)
    }

    /// Removes and returns the jobs that were enqueued at `limit` or before, if there is no connection at all.
    mutating func expire(enqueuedBefore limit: ContinuousClock.Instant) -> [Job] {
        guard connectedCount == 0 else { return [] }
        dropTaken()
        let expired = waiting.filter { $0.enqueued <= limit }
        waiting.removeAll { $0.enqueued <= limit }
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
