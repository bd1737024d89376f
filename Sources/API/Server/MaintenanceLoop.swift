import Ledger
import Logging
import Postgres
import ServiceLifecycle

/// The maintenance loop of a replica: once a second it ends expired holds, gives idle leases back and writes counts.
struct MaintenanceLoop: Service {
    let replica: Replica

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                replica.tick()
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}

/// Starts the embedded PostgreSQL again when it dies.
struct ClusterGuard: Service {
    let cluster: PostgresCluster
    let log: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(200))
                guard !cluster.isRunning, !Task.isCancelled else { continue }
                await withCheckedContinuation { continuation in
                    _ = DedicatedThread(name: "cluster-guard") {
                        do {
                            if try cluster.ensureRunning() { log.warning("PostgreSQL had died and was started again") }
                        } catch {
                            log.error("PostgreSQL cannot be started", metadata: ["error": "\(error)"])
                        }
                        continuation.resume()
                    }
                }
            }
        }
    }
}
