/// One thread of a pool and the connection it owns.
final class PoolWorker: Sendable {
    let thread: DedicatedThread
    private let isStopping: Monitor<Bool>

    private static let firstPause = Duration.milliseconds(20)
    private static let longestPause = Duration.seconds(1)

    init(
        connectionString: String, limits: SessionLimits, name: String, statistics: SessionStatistics,
        queue: Monitor<JobQueue>, connectionLost: @escaping @Sendable () -> Void
    ) {
        let isStopping = Monitor(false)
        self.isStopping = isStopping
        thread = DedicatedThread(name: name) {
            while let connection = Self.connect(
                { () throws(PostgresError) in
                    try Connection(connectionString: connectionString, limits: limits, statistics: statistics)
                }, queue, isStopping)
            {
                let failure = Self.work(connection, queue)
                queue.withLock(wake: .none) { $0.disconnected(because: failure) }
                connectionLost()
                if queue.withLock(wake: .none, { $0.isClosed }) { return }
            }
        }
    }

    /// Stops the attempts to connect, and ends a pause between two attempts.
    func stopReconnecting() { isStopping.withLock { $0 = true } }

    /// Tries to connect until it succeeds; returns nil if the pool is closed meanwhile.
    private static func connect(
        _ make: () throws(PostgresError) -> Connection, _ queue: Monitor<JobQueue>, _ isStopping: Monitor<Bool>
    ) -> Connection? {
        var pause = firstPause
        while isStopping.wait(until: .now, for: { $0 ? true : nil }) == nil {
            do throws(PostgresError) {
                let connection = try make()
                queue.withLock(wake: .none) { $0.connected() }
                return connection
            } catch {
                queue.withLock(wake: .none) { $0.lastFailure = error }
            }
            // The pause is randomised, so that the replicas do not all reconnect to the database at the same moment.
            let until = ContinuousClock.now + pause * Double.random(in: 0.5...1)
            _ = isStopping.wait(until: until, for: { $0 ? true : nil })
            pause = min(pause * 2, longestPause)
        }
        return nil
    }

    /// Runs jobs until the connection is lost, or the pool is closed and the queue is empty.
    private static func work(_ connection: Connection, _ queue: Monitor<JobQueue>) -> PostgresError {
        let interrupt = StatementInterrupt()
        connection.interrupt = interrupt
        while true {
            let job = queue.wait { queue -> JobQueue.Job?? in
                if let job = queue.next(at: .now, interrupt) { return .some(job) }
                return queue.isClosed ? .some(nil) : nil
            }
            guard let job, let job else { return PostgresError(.usage, "the connection pool is closed") }
            if connection.noticeClosing() {
                if !queue.withLock(wake: .one, { $0.putBack(job) }) { job.fail(CancellationError()) }
                return PostgresError(.connection, PostgresError.connectionLost)
            }
            let tellCaller = job.run(connection)
            queue.withLock(wake: .none) { $0.finished(job.id) }
            // Nobody raises it for this job any more. It must not meet the next one.
            interrupt.lower()
            tellCaller()
            connection.rollback()
            if !connection.isUsable { return PostgresError(.connection, PostgresError.connectionLost) }
        }
    }
}
