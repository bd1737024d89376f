import Synchronization

/// A pool of connections. Each connection has its own thread; the threads take jobs from one queue.
///
/// A lost connection is made again, with growing pauses between attempts, for as long as the pool is open.
package final class Pool: Sendable {
    private let patience: Patience
    private let endsWithCaller: Bool
    private let queue: Monitor<JobQueue>
    private let workers: [PoolWorker]
    private let lastID = Atomic<Int64>(0)
    package let statistics: SessionStatistics

    /// Starts connecting at once, but does not wait for the connections.
    ///
    /// - Parameters:
    ///   - name: what the jobs are for; metrics, threads, sessions and errors show it.
    ///   - limits: of every session. `answer` is the most that a single statement of a job may take.
    ///   - reconnectWait: how long a job waits for a connection while there is none at all.
    ///   - busyWait: how long a job waits while other jobs have all connections; nil for as long as they take.
    ///   - queueLimit: how many jobs may wait.
    ///   - endsWithCaller: whether a job ends when the task that waits for it is cancelled. Its statement is then
    ///     cancelled on the server, so this is only for jobs that write nothing.
    package init(
        connectionString: String, connectionCount: Int, name: String, limits: SessionLimits = .command,
        reconnectWait: Duration = .seconds(2), busyWait: Duration? = nil, queueLimit: Int = 65_536,
        endsWithCaller: Bool = false
    ) {
        precondition(connectionCount > 0 && queueLimit > 0)
        let patience = Patience(
            reconnectWait: reconnectWait, busyWait: busyWait, name: name, connectionCount: connectionCount)
        self.patience = patience
        self.endsWithCaller = endsWithCaller
        let queue = Monitor(JobQueue(limit: queueLimit))
        self.queue = queue
        let statistics = SessionStatistics(name: name)
        self.statistics = statistics
        workers = (0..<connectionCount).map { index in
            PoolWorker(
                connectionString: connectionString, limits: limits, name: "\(name)-\(index)", statistics: statistics,
                queue: queue, connectionLost: { patience.limitWaits(in: queue) })
        }
    }

    /// Runs `body` with a connection, on that connection's thread, and returns its value.
    ///
    /// A job waits for a connection, at most as long as `init` says. It then fails with kind `.connection` if there is
    /// no connection, or `.busy`. A job that ends with its caller fails with a `CancellationError`. A job that has begun
    /// is never begun again. If it leaves a transaction open, the pool rolls the transaction back.
    package func run<Value: Sendable>(_ body: @escaping @Sendable (Connection) throws -> Value) async throws -> Value {
        let id = lastID.add(1, ordering: .relaxed).newValue
        do {
            return try await withTaskCancellationHandler {
                try await begin(body, id)
            } onCancel: {
                cancel(id)
            }
        } catch let error as PostgresError where error.sqlState == SQLState.queryCanceled && Task.isCancelled {
            throw CancellationError()
        }
    }

    private func begin<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> Value, _ id: Int64
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let job = JobQueue.Job(
                id: id,
                run: { connection in
                    let result = Result { try body(connection) }
                    return { continuation.resume(with: result) }
                },
                fail: { continuation.resume(throwing: $0) },
                enqueued: .now)
            if let refusal = queue.withLock(wake: .one, { $0.enqueue(job) }) { return job.fail(refusal) }
            patience.limitWaits(in: queue)
            // The task may have been cancelled before there was a job to cancel.
            if Task.isCancelled { cancel(id) }
        }
    }

    private func cancel(_ id: Int64) {
        guard endsWithCaller else { return }
        let waiting = queue.withLock(wake: .none) { $0.cancel(id) }
        waiting?.fail(CancellationError())
    }

    /// Refuses new jobs, runs the waiting ones if there is a connection, and ends the threads.
    package func close() async {
        queue.withLock { $0.close() }
        for worker in workers { worker.stopReconnecting() }
        for worker in workers { await worker.thread.ended() }
        patience.endWaits(in: queue)
    }

    /// How many connections are up, as far as is known.
    package var connectedCount: Int { queue.withLock(wake: .none) { $0.connectedCount } }
    /// How many jobs wait.
    package var waitingCount: Int { queue.withLock(wake: .none) { $0.count } }

    /// How many jobs have begun, and how long all of them together waited for a connection.
    package var begun: (count: Int, waited: Duration) {
        let counts = queue.withLock(wake: .none) { $0.counts }
        return (counts.begun, counts.waited)
    }

    /// How many jobs did not get a connection in time.
    package var refusedCount: Int { queue.withLock(wake: .none) { $0.counts.refused } }
    /// How many jobs ended because their callers went away.
    package var cancelledCount: Int { queue.withLock(wake: .none) { $0.counts.cancelled } }
}

/// How long the jobs of a pool wait for a connection.
private struct Patience: Sendable {
    let reconnectWait: Duration
    let busyWait: Duration?
    let name: String
    let connectionCount: Int

    /// Makes jobs that wait now fail in time. Does nothing if a connection is free.
    func limitWaits(in queue: Monitor<JobQueue>) {
        let (isConnected, isBusy) = queue.withLock(wake: .none) { ($0.connectedCount > 0, $0.isBusy) }
        if !isConnected {
            later(reconnectWait) { fail(in: queue, ifConnected: false, enqueuedBefore: .now - reconnectWait) }
        }
        if isBusy, let busyWait {
            later(busyWait) { fail(in: queue, ifConnected: true, enqueuedBefore: .now - busyWait) }
        }
    }

    /// Makes the jobs that still wait fail, because there will be no connection.
    func endWaits(in queue: Monitor<JobQueue>) { fail(in: queue, ifConnected: false, enqueuedBefore: .now) }

    private func later(_ wait: Duration, _ body: @escaping @Sendable () -> Void) {
        Task {
            try? await Task.sleep(for: wait)
            body()
        }
    }

    private func fail(
        in queue: Monitor<JobQueue>, ifConnected: Bool, enqueuedBefore limit: ContinuousClock.Instant
    ) {
        let (failed, isConnected, failure) = queue.withLock(wake: .none) { queue in
            let isConnected = queue.connectedCount > 0
            let failed = isConnected == ifConnected ? queue.expire(enqueuedBefore: limit) : []
            return (failed, isConnected, queue.lastFailure)
        }
        let busy = PostgresError(
            .busy, "all \(connectionCount) database connections for \(name) were in use for \(busyWait ?? .zero)")
        for job in failed { job.fail(isConnected ? busy : failure) }
    }
}
