import Ledger
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

/// How a server begins to end: on SIGTERM it makes no new holds and says so in `readyz`, and goes on answering until
/// load balancers have seen that. Its return ends the other services.
final class Departure: Service {
    private let replica: Replica
    private let signals: UnixSignalsSequence
    private let drainSeconds: Int
    private let log: Logger
    private let draining = Atomic(false)

    /// - Parameter drainSeconds: how long load balancers are given after a SIGTERM. SIGINT comes from a terminal, where
    ///   nobody balances.
    init(replica: Replica, signals: UnixSignalsSequence, drainSeconds: Int, log: Logger) {
        self.replica = replica
        self.signals = signals
        self.drainSeconds = drainSeconds
        self.log = log
    }

    /// Asked for every answer, so no lock is taken.
    var isDraining: Bool { draining.load(ordering: .relaxed) }

    func run() async throws {
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        await cancelWhenGracefulShutdown { [self] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { [self] in
                    for await signal in signals {
                        // Whoever sends a second signal does not want to wait any longer.
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
