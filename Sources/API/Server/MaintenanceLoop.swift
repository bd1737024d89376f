import Ledger
import Logging
import Postgres
import ServiceLifecycle

/// The maintenance loop of a replica: once a second it ends expired holds, gives idle leases back and writes counts, and
/// tells when the replica is fenced and when no more.
struct MaintenanceLoop: Service {
    let replica: Replica
    let log: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var wasFenced = false
            while !Task.isCancelled {
                replica.tick()
                let isFenced = replica.status.isFenced
                if isFenced, !wasFenced {
                    log.error("Fenced: the ledger was not reached for the lease time, so nothing is spent from leases")
                } else if wasFenced, !isFenced {
                    log.notice("Recovered: the ledger is reached again")
                }
                wasFenced = isFenced
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}

/// Starts the embedded PostgreSQL again when it dies.
struct ClusterGuard: Service {
    let cluster: PostgresCluster
    let log: Logger

    private static let firstPause = Duration.milliseconds(200)
    private static let longestPause = Duration.seconds(10)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var pause = Self.firstPause
            while !Task.isCancelled {
                try? await Task.sleep(for: pause)
                guard !cluster.isRunning, !Task.isCancelled else { continue }
                let isStarted = await start(isFirst: pause == Self.firstPause)
                // What keeps PostgreSQL from starting, such as a full disk, may last.
                pause = isStarted ? Self.firstPause : min(pause * 2, Self.longestPause)
            }
        }
    }

    /// Logs the first failure in a row alone.
    private func start(isFirst: Bool) async -> Bool {
        await withCheckedContinuation { continuation in
            _ = DedicatedThread(name: "cluster-guard") {
                do {
                    if try cluster.ensureRunning() { log.warning("PostgreSQL had died and was started again") }
                    continuation.resume(returning: true)
                } catch {
                    if isFirst { log.error("PostgreSQL cannot be started", metadata: ["error": "\(error)"]) }
                    continuation.resume(returning: false)
                }
            }
        }
    }
}
