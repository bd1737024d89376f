import Accounting
import Postgres

/// Re-rates recorded calls and books the corrections, page by page.
package struct CorrectionRun: Sendable {
    private let replica: Replica
    private let scope: RerateScope
    private let isDryRun: Bool

    /// - Parameter isDryRun: only report what would be booked.
    package init(_ scope: RerateScope, on replica: Replica, isDryRun: Bool = false) {
        self.scope = scope
        self.replica = replica
        self.isDryRun = isDryRun
    }

    /// Throws a `LedgerFailure` if not all corrections could be booked. Booked corrections stay, and a later run does
    /// not book them again.
    package func run() async throws -> RerateSummary {
        var summary = RerateSummary()
        var rerating = Rerating(scope, within: replica.callLimits)
        // What reading the price book took is not needed again.
        defer { FreedMemory.giveBack() }
        while !rerating.isFinished {
            // The run may be cancelled between pages; a later run finds the rest again.
            try Task.checkCancellation()
            let now = replica.now().wall
            let (looked, page) = try await replica.database.read { [rerating] connection in
                var looked = rerating
                let page = try looked.next(at: now, connection)
                return (looked, page)
            }
            if isDryRun {
                for correction in page.corrections { summary.add(correction) }
            } else if try await isOvertaken(page.corrections, &summary) {
                continue
            }
            summary.add(page)
            rerating = looked
        }
        return summary
    }

    /// Books corrections. Returns true if somebody else corrected one of the calls meanwhile, perhaps by older prices.
    /// The page must then be checked again.
    private func isOvertaken(_ corrections: [Correction], _ summary: inout RerateSummary) async throws -> Bool {
        var isOvertaken = false
        var refused: [Correction] = []
        for (correction, result) in await book(corrections) {
            switch result {
            case .success(.recorded): summary.add(correction)
            // One refused correction must not hold up the others.
            case .success(.overflow), .failure(.refused): refused.append(correction)
            case .success: isOvertaken = true
            case .failure(let failure): throw failure
            }
        }
        // If the page is checked again, these corrections are refused again and counted then.
        if !isOvertaken { for correction in refused { summary.addRefused(correction) } }
        return isOvertaken
    }

    private func book(_ corrections: [Correction]) async -> [(Correction, Result<LedgerOutcome, LedgerFailure>)] {
        await withTaskGroup { group in
            for correction in corrections { group.addTask { (correction, await replica.correct(correction)) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }
}
