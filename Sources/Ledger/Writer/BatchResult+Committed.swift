import Accounting

extension BatchResult {
    /// What the batch has done once it is committed.
    package func committed(
        windows: [CommittedBatch.Window], didCrossThreshold: Bool, didMeetOthers: Bool = false,
        lockWaitMicroseconds: Int64 = 0, hash: [UInt8]
    ) -> CommittedBatch {
        var outcomes: [Result<LedgerOutcome, LedgerFailure>] = []
        var endings: [CommittedBatch.Ending] = []
        var reopened: [Hold] = []
        var extended: [CommittedBatch.Extended] = []
        outcomes.reserveCapacity(batch.jobs.count)
        endings.reserveCapacity(batch.jobs.count)
        for (index, job) in batch.jobs.enumerated() {
            if let hold = job.hold {
                switch dispositions[index] {
                case .conflict, .overflow, .outdated: reopened.append(hold)
                case .extended(let microseconds):
                    reopened.append(hold)
                    extended.append(.init(hold: hold, microseconds: microseconds))
                case .accepted, .duplicate, .ending:
                    endings.append(
                        .init(
                            hold: hold, charges: charges[index], wasFirst: isFirstEnd[index],
                            isSettlement: job.how == .settled))
                }
            }
            outcomes.append(outcome(of: job, at: index))
        }
        return CommittedBatch(
            outcomes: outcomes, endings: endings, reopened: reopened, extended: extended, replaced: replaced,
            windows: windows, didCrossThreshold: didCrossThreshold,
            didMeetTakenIDs: !sharedKeys.isEmpty || !replaced.isEmpty
                || outcomes.contains { (try? $0.get())?.isRepeat ?? false },
            didMeetOthers: didMeetOthers, seenRows: seenRows, lockWaitMicroseconds: lockWaitMicroseconds, hash: hash)
    }

    private func outcome(of job: LedgerJob, at index: Int) -> Result<LedgerOutcome, LedgerFailure> {
        switch (dispositions[index], job) {
        case (.duplicate(let receipt), _): .success(.duplicate(receipt))
        case (.conflict(let receipt, _), _): .success(.conflict(receipt))
        case (.overflow(let overflow), _): .success(.overflow(overflow))
        case (.outdated, _): .failure(.unavailable)
        case (.extended, _): .success(.extended)
        case (_, .record(let posting, _)), (.accepted, .estimate(let posting, _)):
            .success(.recorded(Receipt(of: posting, entryID: batch.entryID(ofJob: index))))
        case (_, .estimate(let posting, _)):
            .success(isFirstEnd[index] ? .ended : .alreadyEnded(posting.hold.flatMap { ends[$0.id] } ?? .expired))
        case (_, .end(let hold, _, _)):
            .success(isFirstEnd[index] ? .ended : .alreadyEnded(ends[hold.id] ?? .expired))
        }
    }
}
