import Accounting
import Ledger
import Logging
import ServiceLifecycle

/// Rates calls that were recorded without a price as soon as the price book has one.
///
/// The replica that does the maintenance does this. If two replicas correct the same call at once, both claim the same
/// correction number, and only one of the corrections counts.
struct LatePricing: Service {
    let server: ServerContext

    private static let lookSeconds = 1...3

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var priced: Int64?
            var isFailing = false
            while !Task.isCancelled {
                guard server.replica.maintenance.isLeader else {
                    priced = nil
                    try? await Task.sleep(for: .seconds(Int.random(in: Self.lookSeconds)))
                    continue
                }
                do {
                    let version = try await server.database.lookUp { try ConfigurationStore.versions($0) }
                    if version.prices != priced {
                        // Calls that were rated by the former prices must be in the ledger before it is searched. So
                        // this waits until every live replica has the new configuration.
                        if await server.replica.awaitConfiguration(version.configuration) {
                            try await price()
                            priced = version.prices
                        }
                    }
                    isFailing = false
                } catch is CancellationError {
                    return
                } catch {
                    // Logs one line when pricing begins to fail, not one for every attempt.
                    if !isFailing {
                        server.log.warning("Calls could not be priced late", metadata: ["error": "\(error)"])
                    }
                    isFailing = true
                }
                try? await Task.sleep(for: .seconds(Int.random(in: Self.lookSeconds)))
            }
        }
    }

    private func price() async throws {
        let summary = try await CorrectionRun(.unpriced, on: server.replica).run()
        guard summary.correctedCalls > 0 else { return }
        server.log.info(
            "Calls without a price were priced",
            metadata: ["calls": "\(summary.correctedCalls)", "nanodollars": "\(summary.differenceNanodollars)"])
    }
}
