import Accounting
import Logging
import Postgres
import Synchronization

/// Sends the rounds of leases, on a thread and a connection of its own.
final class LeaseRounds: Sendable {
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

    /// Sends what there is, then ends the thread.
    func close() {
        isClosed.store(true, ordering: .relaxed)
        core.leaseBell.ring()
    }

    /// Starts the thread; it ends after `close()`. `answer` is told the end of every wait.
    func start(_ answer: @escaping @Sendable (LeaseQueue.Answer) -> Void) -> DedicatedThread {
        DedicatedThread(name: "lease-rounds") { [self] in
            // The first call must not wait for a connection too; where there is none, the first round tells.
            try? link.run { _ in }
            while true {
                let now = SystemClock.now()
                let (request, wakeAt, isIdle) = core.withLock {
                    ($0.nextRound(at: now), $0.leases.wakeAtNanoseconds, $0.leases.isIdle)
                }
                guard let request else {
                    if isClosed.load(ordering: .relaxed), isIdle || isFailing.load(ordering: .relaxed) { return }
                    core.leaseBell.wait(atMost: wakeAt.map { .nanoseconds($0 - now.monotonicNanoseconds) })
                    continue
                }
                for ended in send(request) { answer(ended) }
            }
        }
    }

    private func send(_ request: LeaseQueue.Request) -> [LeaseQueue.Answer] {
        switch request {
        case .grant(let round):
            let outcome = LeaseBank.send(round, on: link) { note($0, round.asks.count) }
            switch outcome {
            case .committed: isFailing.store(false, ordering: .relaxed)
            case .gone: core.controlBell.ring()
            case .failed, .refused, .unanswered: break
            }
            return core.withLock { $0.took(outcome, of: round, at: SystemClock.now()) }
        case .inquire(let round):
            do {
                let wasCommitted = try link.run { try LeaseBank.wasCommitted(round, on: $0) }
                return core.withLock { $0.learned(wasCommitted: wasCommitted, of: round, at: SystemClock.now()) }
            } catch is LeaseBank.Gone {
                core.controlBell.ring()
                return core.withLock { $0.took(.gone, of: round, at: SystemClock.now()) }
            } catch {
                return core.withLock { $0.learned(wasCommitted: nil, of: round, at: SystemClock.now()) }
            }
        }
    }

    /// One line when rounds begin to fail, not one a round.
    private func note(_ error: any Error, _ calls: Int) {
        guard !isFailing.exchange(true, ordering: .relaxed) else { return }
        log.warning("A round of leases failed", metadata: ["error": "\(error)", "calls": "\(calls)"])
    }
}
