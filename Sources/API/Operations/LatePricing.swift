import Accounting
import Ledger
import Logging
import ServiceLifecycle

/// Rates calls that had no price as soon as one arrives.
///
/// Every replica does, a moment apart: two that correct the same call at once claim the same number.
struct LatePricing: Service {
    let office: Office

    private static let lookSeconds = 1...3

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var priced: Int64?
            var isFailing = false
            while !Task.isCancelled {
                do {
                    let version = try await office.database.run { try ConfigurationStore.versions($0) }
                    if version.prices != priced {
                        // What was rated by the prices before must be in the ledger when it is looked at.
                        try await office.replica.awaitConfiguration(version.configuration)
                        try await price()
                        priced = version.prices
                    }
                    isFailing = false
                } catch is CancellationError {
                    return
                } catch {
                    // One line when it begins to fail, not one a try.
                    if !isFailing {
                        office.log.warning("Calls could not be priced late", metadata: ["error": "\(error)"])
                    }
                    isFailing = true
                }
                try? await Task.sleep(for: .seconds(Int.random(in: Self.lookSeconds)))
            }
        }
    }

    private func price() async throws {
        let summary = try await CorrectionRun(.unpriced, on: office.replica).run()
        guard summary.correctedCalls > 0 else { return }
        office.log.info(
            "Calls without a price were priced",
            metadata: ["calls": "\(summary.correctedCalls)", "nanodollars": "\(summary.differenceNanodollars)"])
    }
}
