import Accounting

extension AdmissionEngine {
    /// Notes in the verdict log what the jobs of a committed batch have done, in their order.
    mutating func note(_ jobs: [LedgerJob], _ committed: CommittedBatch, at now: Timestamp) {
        guard verdictLog.isOn else { return }
        for (index, job) in jobs.enumerated() {
            guard case .success(let outcome) = committed.outcomes[index] else { continue }
            switch (job, outcome) {
            case (.record(let posting, _), .recorded):
                if let entry = committed.replaced[index] { note(entry, replacedBy: posting, at: now) }
                note(posting, endingBy: .settled, at: now)
            case (.estimate(let posting, _), .recorded): note(posting, endingBy: .estimated, at: now)
            case (.record(let posting, _), .duplicate):
                if let hold = posting.hold { verdictLog.note(end: .repeated, of: hold, at: now) }
            case (.end(let hold, .voided, _), .ended): verdictLog.note(end: .voided, of: hold, at: now)
            case (.end, .ended), (.estimate, .ended):
                if let hold = job.hold { verdictLog.note(end: .expired, of: hold, at: now) }
            default: break
            }
        }
    }

    private mutating func note(_ posting: Posting, endingBy how: LoggedEnd.How, at now: Timestamp) {
        let entry = posting.entry
        guard let hold = posting.hold else { return note(charge: entry, at: now) }
        verdictLog.note(
            end: how, of: hold,
            settled: LoggedEnd.Settled(
                served: entry.model == hold.model ? nil : entry.model, cost: entry.rated.cost,
                quantities: entry.usage.quantities,
                occurredMicrosecondsLater: entry.occurredAt.microseconds - hold.authorizedAt.microseconds), at: now)
    }

    /// The settlement of a hold that had become an entry says by itself what it takes the place of.
    private mutating func note(_ entry: ReplaceableEntry, replacedBy posting: Posting, at now: Timestamp) {
        if let hold = posting.hold, hold.id == entry.hold { return }
        note(charge: entry.reversal.entry, at: now)
    }

    private mutating func note(charge entry: LedgerEntry, at now: Timestamp) {
        verdictLog.note(
            LoggedCharge(
                at: now, who: entry.who, served: entry.model, cost: entry.rated.cost,
                tokens: entry.kind == .adjustment ? 0 : entry.usage.quantities.totalTokens, calls: entry.kind.calls,
                occurredAt: entry.occurredAt))
    }
}
