import Accounting
import Postgres

/// What each job of a batch comes to, worked out while the batch is written. Each table has a file of its own.
package struct BatchResult {
    package enum Standing {
        case accepted
        case duplicate(Receipt)
        case conflict(Receipt)
        /// The end of a hold, which has no key.
        case ending
    }

    package let batch: WriteBatch
    /// The entries of `record` jobs, by job.
    package var entries: [Int: LedgerEntry] = [:]
    package var standings: [Standing]
    /// The terminal rows there are for the holds of this batch.
    package var ends: [HoldID: HoldEnd] = [:]
    /// The jobs whose end of a hold is the one that counted.
    package var firstEnders: Set<Int> = []
    /// By job: the charges that apply, with windows opened and releases as they came out.
    package var charges: [Int: [WindowCharge]] = [:]
    /// How much of which window's leases was taken, over all makers.
    var takenFromLeases: [Int64: Int64] = [:]
    package var windows: [CommittedBatch.Window] = []
    /// What each window had spent before.
    var spentBefore: [Int64: Int64] = [:]
    var didCrossThreshold = false
    var hash: [UInt8]
    var rows: [[UInt8]] = []

    package init(batch: WriteBatch) {
        self.batch = batch
        standings = batch.jobs.map { if case .record = $0 { .accepted } else { .ending } }
        hash = batch.previousHash
        for (index, job) in batch.jobs.enumerated() {
            charges[index] = job.charges
            if case .record(let entry, _, _) = job { entries[index] = entry }
        }
    }

    package var accepted: [Int] {
        standings.indices.filter { if case .accepted = standings[$0] { true } else { false } }
    }

    /// Jobs that end a hold: all but those whose usage is refused.
    package var enders: [Int] {
        standings.indices.filter { index in
            if case .conflict = standings[index] { return false }
            return batch.jobs[index].hold != nil
        }
    }

    package func how(_ job: LedgerJob) -> HoldEnd {
        if case .end(_, let how, _) = job { how } else { .settled }
    }

    package var committed: CommittedBatch {
        let outcomes = batch.jobs.indices.map { index -> LedgerOutcome in
            switch standings[index] {
            case .accepted: return .recorded(receipt(of: entries[index]!))
            case .duplicate(let receipt): return .duplicate(receipt)
            case .conflict(let receipt): return .conflict(receipt)
            case .ending:
                return firstEnders.contains(index)
                    ? .ended : .alreadyEnded(ends[batch.jobs[index].hold!.id] ?? .expired)
            }
        }
        let endings = enders.map { index in
            CommittedBatch.Ending(
                hold: batch.jobs[index].hold!, charges: charges[index] ?? [],
                wasFirst: firstEnders.contains(index))
        }
        let reopened = batch.jobs.indices.compactMap { index -> Hold? in
            if case .conflict = standings[index] { batch.jobs[index].hold } else { nil }
        }
        return CommittedBatch(
            outcomes: outcomes, endings: endings, reopened: reopened, windows: windows,
            didCrossThreshold: didCrossThreshold, hash: hash)
    }

    package func receipt(of entry: LedgerEntry) -> Receipt {
        Receipt(entryID: entry.entryID, cost: entry.rated.cost, overrun: entry.overrun, model: entry.model.model)
    }
}
