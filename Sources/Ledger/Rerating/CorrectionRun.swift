import Accounting
import Ledger

/// Rates recorded calls again and books what comes out, a page after another.
struct CorrectionRun: Sendable {
    let office: Office
    let scope: RerateScope
    /// Only says what would be booked.
    var isDryRun = false

    func run() async throws -> RerateSummary {
        var rerating = try await office.database.run { [scope] in try Rerating(scope, $0) }
        while !rerating.isFinished {
            // Between pages it may be stopped: what is booked stays, and the rest is found again.
            try Task.checkCancellation()
            let now = office.replica.now().wall
            let (looked, corrections) = try await office.database.run { [rerating] connection in
                var looked = rerating
                let corrections = try looked.next(at: now, connection)
                return (looked, corrections)
            }
            rerating = looked
            if !isDryRun { try await book(corrections) }
        }
        return rerating.summary
    }

    private func book(_ corrections: [Correction]) async throws {
        let results: [Result<LedgerOutcome, LedgerFailure>] = await withCheckedContinuation { continuation in
            Gathering<Result<LedgerOutcome, LedgerFailure>>.begin(corrections) {
                office.replica.correct($0, done: $1)
            } whole: {
                continuation.resume(returning: $0)
            }
        }
        for case .failure(let failure) in results {
            throw Problem(
                Problem(failure).code,
                "Not all corrections could be booked. Ask again: those that were are not repeated.")
        }
    }
}
