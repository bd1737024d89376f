import Accounting

extension Replica {
    /// Books disputed usage in place of the entry that was committed. A duplicate: it was accepted before. A conflict: the
    /// id has another entry by now.
    package func accept(
        _ usage: RefusedUsage, _ decision: DisputeDecision
    ) async -> Result<LedgerOutcome, LedgerFailure> {
        while true {
            let posting = usage.posting(in: configuration, decision, at: now().wall)
            let result: Result<LedgerOutcome, LedgerFailure>? = await withCheckedContinuation { continuation in
                if !accept(posting, done: { continuation.resume(returning: $0) }) {
                    continuation.resume(returning: nil)
                }
            }
            if let result { return result }
        }
    }
}
