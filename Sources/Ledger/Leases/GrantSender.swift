import Accounting
import Logging
import Postgres
import Synchronization

/// Sends the grant batches of the lease queue to PostgreSQL, on a thread and a connection of its own.
final class GrantSender: Sendable {
    private let core: LockedCore
    let link: DatabaseLink
    private let log: Logger
    private let isClosed = Atomic(false)
    private let isFailing = Atomic(false)

    init(connectionString: String, core: LockedCore, log: Logger) {
        link = DatabaseLink(connectionString: connectionString, name: "leases", setUp: SessionPlanning.byKey)
        self.core = core
        self.log = log
    }

    /// Ends the thread once everything queued is sent, or once sending fails.
    func close() {
        isClosed.store(true, ordering: .relaxed)
        core.leaseSignal.raise()
    }

    /// Starts the thread; it ends after `close()`. `answer` is called when the wait of a call ends.
    func start(_ answer: @escaping @Sendable (LeaseQueue.Answer) -> Void) -> DedicatedThread {
        DedicatedThread(name: "lease-grants") { [self] in
            // Connect now, so that the first call does not wait for the connection too. If that fails, the first grant
            // batch reports it.
            try? link.run { _ in }
            while true {
                let now = SystemClock.now()
                let (request, wakeAt, isIdle) = core.withLock {
                    ($0.nextGrantBatch(at: now), $0.leases.wakeAtNanoseconds, $0.leases.isIdle)
                }
                guard let request else {
                    if isClosed.load(ordering: .relaxed), isIdle || isFailing.load(ordering: .relaxed) { return }
                    core.leaseSignal.wait(atMost: wakeAt.map { .nanoseconds($0 - now.monotonicNanoseconds) })
                    continue
                }
                for ended in send(request) { answer(ended) }
            }
        }
    }

    private func send(_ request: LeaseQueue.Request) -> [LeaseQueue.Answer] {
        switch request {
        case .grant(let batch):
            let outcome = LeaseStore.send(batch, on: link) { note($0, batch.asks.count) }
            switch outcome {
            case .committed: isFailing.store(false, ordering: .relaxed)
            case .gone: core.heartbeatSignal.raise()
            case .failed, .refused, .unanswered: break
            }
            return core.withLock { $0.took(outcome, of: batch, at: SystemClock.now()) }
        case .inquire(let batch):
            do {
                let wasCommitted = try link.run { try LeaseStore.wasCommitted(batch, on: $0) }
                return core.withLock { $0.learned(wasCommitted: wasCommitted, of: batch, at: SystemClock.now()) }
            } catch is LeaseStore.Gone {
                core.heartbeatSignal.raise()
                return core.withLock { $0.took(.gone, of: batch, at: SystemClock.now()) }
            } catch {
                return core.withLock { $0.learned(wasCommitted: nil, of: batch, at: SystemClock.now()) }
            }
        }
    }

    /// Logs one line when grant batches begin to fail, not one for each batch.
    private func note(_ error: any Error, _ calls: Int) {
        guard !isFailing.exchange(true, ordering: .relaxed) else { return }
        log.warning("A grant batch failed", metadata: ["error": "\(error)", "calls": "\(calls)"])
    }
}
