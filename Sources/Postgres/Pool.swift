/// A pool of connections. Each connection has its own thread; the threads take jobs from one queue.
///
/// A lost connection is made again, with growing pauses between attempts, for as long as the pool is open.
package final class Pool: Sendable {
    private let connectionString: String
    private let reconnectWait: Duration
    private let queue: Monitor<JobQueue>
    private let workers: [PoolWorker]
    package let statistics: SessionStatistics

    /// Starts connecting at once, but does not wait for the connections.
    ///
    /// - Parameters:
    ///   - reconnectWait: how long a job waits for a connection while there is none at all.
    ///   - answerTimeout: how long the server may be silent while an answer is due (see `Connection`). This is the most
    ///     that a single statement of a job may take.
    ///     single statement of a job may take.
    ///   - queueLimit: how many jobs may wait.
    package init(
        connectionString: String, connectionCount: Int, name: String, reconnectWait: Duration = .seconds(2),
        answerTimeout: Duration = .seconds(60), queueLimit: Int = 65_536
    ) {
        precondition(connectionCount > 0 && queueLimit > 0)
        self.connectionString = connectionString
        self.reconnectWait = reconnectWait
        let queue = Monitor(JobQueue(limit: queueLimit))
        self.queue = queue
        let statistics = SessionStatistics(name: name)
        self.statistics = statistics
        let expire = { @Sendable in Self.expireLater(queue, after: reconnectWait) }
        workers = (0..<connectionCount).map { index in
            PoolWorker(
                connectionString: connectionString, answerTimeout: answerTimeout, name: "\(name)-\(index)",
                statistics: statistics, queue: queue, allConnectionsLost: expire)
        }
    }

    /// Runs `body` with a connection, on that connection's thread, and returns its value.
    ///
    /// A job waits for a connection. If there is none for `reconnectWait`, the job fails with kind `.connection`. A job
    /// that has begun is never begun again. If it leaves a transaction open, the pool rolls the transaction back.
    package func run<Value: Sendable>(_ body: @escaping @Sendable (Connection) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let job = JobQueue.Job(
                run: { connection in continuation.resume(with: Result { try body(connection) }) },
                fail: { continuation.resume(throwing: $0) },
                enqueued: .now)
            let (refusal, isConnected) = queue.withLock(wake: .one) { queue in
                (queue.enqueue(job), queue.connectedCount > 0)
            }
            if let refusal {
                job.fail(refusal)
            } else if !isConnected {
                Self.expireLater(queue, after: reconnectWait)
            }
        }
    }

    /// Refuses new jobs, runs the waiting ones if there is a connection, and ends the threads.
    package func close() async {
        queue.withLock { $0.close() }
        for worker in workers { worker.stopReconnecting() }
        for worker in workers { await worker.thread.ended() }
        Self.expire(queue, before: .now)
    }

    /// How many connections are up, as far as is known.
    package var connectedCount: Int { queue.withLock(wake: .none) { $0.connectedCount } }
    /// How many jobs wait.
    package var waitingCount: Int { queue.withLock(wake: .none) { $0.count } }

    /// How many jobs have begun, and how long all of them together waited for a connection.
    package var begun: (count: Int, waited: Duration) { queue.withLock(wake: .none) { $0.begun } }

    private static func expireLater(_ queue: Monitor<JobQueue>, after wait: Duration) {
        Task {
            try? await Task.sleep(for: wait)
            expire(queue, before: .now - wait)
        }
    }

    private static func expire(_ queue: Monitor<JobQueue>, before limit: ContinuousClock.Instant) {
        let (expired, failure) = queue.withLock(wake: .none) { queue in
            (queue.expire(enqueuedBefore: limit), queue.lastFailure)
        }
        for job in expired { job.fail(failure) }
    }
}
