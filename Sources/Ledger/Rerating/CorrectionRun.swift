import Accounting

/// Rates recorded calls again and books what comes out, a page after another.
package struct CorrectionRun: Sendable {
    private let replica: Replica
    private let scope: RerateScope
    private let isDryRun: Bool

    /// - Parameter isDryRun: only says what would be booked.
    package init(_ scope: RerateScope, on replica: Replica, isDryRun: Bool = false) {
        self.scope = scope
        self.replica = replica
        self.isDryRun = isDryRun
    }

    /// Throws a `LedgerFailure` where not all could be booked; what was booked stays, and is not booked again.
    package func run() async throws -> RerateSummary {
        var summary = RerateSummary()
        var rerating = try await replica.database.run { [scope] in try Rerating(scope, $0) }
        while !rerating.isFinished {
            // Between pages it may be stopped, and the rest is found again.
            try Task.checkCancellation()
            let now = replica.now().wall
            let (looked, page) = try await replica.database.run { [rerating] connection in
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

    /// Books corrections. True where somebody else corrected one of the calls meanwhile, perhaps by older prices: the page
    /// must be looked at again.
    private func isOvertaken(_ corrections: [Correction], _ summary: inout RerateSummary) async throws -> Bool {
        var isOvertaken = false
        var refused: [Correction] = []
        for (correction, result) in await book(corrections) {
            switch result {
            case .success(.recorded): summary.add(correction)
            case .success: isOvertaken = true
            // The writer has said why in the log; the others must not wait for it.
            case .failure(.refused): refused.append(correction)
            case .failure(let failure): throw failure
            }
        }
        // On a second look they would be refused again.
        if !isOvertaken { for correction in refused { summary.addRefused(of: correction.entry.who.team) } }
        return isOvertaken
    }

    private func book(_ corrections: [Correction]) async -> [(Correction, Result<LedgerOutcome, LedgerFailure>)] {
        await withTaskGroup { group in
            for correction in corrections { group.addTask { (correction, await replica.correct(correction)) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }
}
