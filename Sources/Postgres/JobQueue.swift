/// The work that waits for a connection of a pool, as a value: events in, jobs out.
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
    /// How many jobs were begun, and how long all of them together had waited for it.
    private(set) var begun: (count: Int, waited: Duration) = (0, .zero)
    /// Why the last connection was lost or could not be made.
    var lastFailure = PostgresError(.connection, "there is no connection to the database yet")

    let limit: Int

    init(limit: Int) { self.limit = limit }

    var count: Int { waiting.count - head }

    /// Why a job cannot be taken; nil if it was.
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
        // Moves the rest only once half is gone, so that each job is moved about once.
        if head * 2 >= waiting.count { dropTaken() }
        return job
    }

    /// Takes back a job that met a lost connection; it is again the first in line.
    mutating func putBack(_ job: Job) {
        dropTaken()
        waiting.insert(job, at: 0)
    }

    /// The jobs that have waited since then or longer, with no connection there to do them.
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
