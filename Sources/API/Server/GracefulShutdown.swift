import Ledger
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// The first part of a graceful shutdown. On SIGTERM the server makes no new holds and `readyz` reports that it drains,
/// but it goes on answering until load balancers have noticed. When `run` returns, the other services end.
final class GracefulShutdown: Service {
    private let replica: Replica
    private let signals: UnixSignalsSequence
    private let drainSeconds: Int
    private let log: Logger
    private let draining = Atomic(false)

    /// - Parameter drainSeconds: how long the server waits for load balancers after a SIGTERM. After a SIGINT it does
    ///   not wait: that signal comes from a terminal, where there is no load balancer.
    init(replica: Replica, signals: UnixSignalsSequence, drainSeconds: Int, log: Logger) {
        self.replica = replica
        self.signals = signals
        self.drainSeconds = drainSeconds
        self.log = log
    }

    /// Read for every answer, so it takes no lock.
    var isDraining: Bool { draining.load(ordering: .relaxed) }

    func run() async throws {
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        await cancelWhenGracefulShutdown { [self] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { [self] in
                    for await signal in signals {
                        // An operator who sends a second signal does not want to wait for load balancers any longer.
                        if signal == .sigint || isDraining || drainSeconds == 0 { break }
                        beginDrain()
                        begin.yield()
                    }
                }
                group.addTask { [self] in
                    for await _ in begun {
                        try? await Task.sleep(for: .seconds(drainSeconds))
                        return
                    }
                }
                await group.next()
                group.cancelAll()
            }
        }
        log.notice("Ending")
    }

    private func beginDrain() {
        log.notice("Draining; a second signal ends the wait", metadata: ["seconds": "\(drainSeconds)"])
        replica.beginDrain()
        draining.store(true, ordering: .relaxed)
    }
}
