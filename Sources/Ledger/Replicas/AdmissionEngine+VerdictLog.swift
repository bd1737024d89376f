import Accounting

extension AdmissionEngine {
    /// Notes in the verdict log what the jobs of a committed batch have done, in their order.
    mutating func note(_ jobs: [LedgerJob], _ outcomes: [Result<LedgerOutcome, LedgerFailure>], at now: Timestamp) {
        guard verdictLog.isOn else { return }
        for (job, outcome) in zip(jobs, outcomes) {
            guard case .success(let outcome) = outcome else { continue }
            switch (job, outcome) {
            case (.record(let posting, _), .recorded): note(posting, at: now)
            case (.record(let posting, _), .duplicate):
                if let hold = posting.hold { verdictLog.note(end: .repeated, of: hold, at: now) }
            case (.end(let hold, let how, _), .ended):
                verdictLog.note(end: how == .voided ? .voided : .expired, of: hold, at: now)
            default: break
            }
        }
    }

    private mutating func note(_ posting: Posting, at now: Timestamp) {
        let entry = posting.entry
        guard let hold = posting.hold else {
            let isCorrection = entry.kind != .usage
            return verdictLog.note(
                LoggedCharge(
                    at: now, who: entry.who, served: entry.model, cost: entry.rated.cost,
                    tokens: isCorrection ? 0 : entry.usage.quantities.totalTokens, occurredAt: entry.occurredAt,
                    isCorrection: isCorrection))
        }
        verdictLog.note(
            end: .settled, of: hold,
            settled: LoggedEnd.Settled(
                served: entry.model == hold.model ? nil : entry.model, cost: entry.rated.cost,
                quantities: entry.usage.quantities,
                occurredMicrosecondsLater: entry.occurredAt.microseconds - hold.authorizedAt.microseconds), at: now)
    }
}
