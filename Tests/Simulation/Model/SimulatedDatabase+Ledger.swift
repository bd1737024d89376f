import Accounting
import Ledger

extension SimulatedDatabase {
    /// Carries out the transaction of `WriteBatch`. Nil where the database lacks what the replica has committed before.
    func commit(_ attempt: LedgerQueue.Attempt) -> CommittedBatch? {
        let batch = attempt.batch
        let key = BatchKey(replicaID: batch.replicaID, number: batch.number)
        if attempt.mayBeCommitted, let committed = batches[key] { return committed }
        let before = BatchKey(replicaID: batch.replicaID, number: batch.number - 1)
        guard batch.number > 1 ? batches[before] != nil : replicas[batch.replicaID] != nil else { return nil }
        let result = BatchResult(batch, knowing: look(batch))
        write(result)
        let committed = result.committed(
            windows: charge(result), didCrossThreshold: false, hash: [])
        batches[key] = committed
        return committed
    }

    func keyName(_ key: EntryKey) -> String {
        let name = "\(key.owner)\n\(key.id)"
        // The bug adds the month to the key, as a table partitioned by month would.
        return bug == .forgetKeysOverMidnight ? "\(now.day.month)\n\(name)" : name
    }

    /// Reads what is already stored of the batch, and opens the windows that the batch charges.
    private func look(_ batch: WriteBatch) -> BatchReadSet {
        var known = BatchReadSet()
        known.sought = batch.unknownRows
        if bug != .trustWindowIDs {
            known.lost.windows = known.sought.windows.filter { windows[$0] == nil }
            for key in batch.keys(ofWindows: known.lost.windows) { known.windowIDs[key] = open(key) }
        }
        for job in batch.jobs {
            if let posting = job.posting {
                for key in [posting.key, posting.entry.keyOfTeam].compactMap(\.self) {
                    known.keys[key] = keys[keyName(key)]
                }
                lookForEstimate(job, posting.key, &known)
            }
            if let hold = job.hold, let end = ends[hold.id] {
                let isRemote = hold.id.replicaID != batch.replicaID
                if bug == .countRemoteSettleTwice && isRemote && job.how == .settled { continue }
                known.ends[hold.id] = end.how
            }
            if job.how == .expired, let hold = job.hold, bug != .expireExtendedHolds {
                known.extensions[hold.id] = microsecondsLeft(of: hold.id)
            }
            for charge in job.charges {
                if case .unopened(let key) = charge.target { known.windowIDs[key] = open(key) }
            }
        }
        return known
    }

    /// Reads the entry that a job takes the place of, as `ReplaceableEntry` does.
    private func lookForEstimate(_ job: LedgerJob, _ key: EntryKey, _ known: inout BatchReadSet) {
        guard let posting = job.posting, let id = job.replacedEntryID(known.keys[key]), let booked = entries[id]
        else { return }
        if bug == .countEstimateAndSettlement {
            known.keys[key] = nil
            return
        }
        let entry = booked.posting.entry
        known.replaceable[booked.entryID] = ReplaceableEntry(
            entry, entryID: booked.entryID, userID: nil, hold: entry.hold?.id,
            windows: booked.windowIDs.map { id in
                let budget = configuration.scopes.budget(windows[id]!.key.budgetNumber)!
                return (.window(id), budget.unit, budget.leaves(spentAt: entry.occurredAt))
            }, by: posting)
    }

    private func write(_ result: BatchResult) {
        for booked in result.entries {
            entries[booked.entryID] = booked
            let posting = booked.posting
            keys[keyName(booked.key)] = BatchReadSet.Key(of: posting, entryID: booked.entryID)
        }
        for (job, isFirst) in zip(result.batch.jobs, result.isFirstEnd) where isFirst {
            ends[job.hold!.id] = End(how: job.how, endedBy: result.batch.replicaID, endedAt: now)
        }
    }

    /// Whether the budget of a window is of another place than a hold, because its feature was moved meanwhile.
    private func hasMoved(_ hold: Hold?, _ window: Window) -> Bool {
        guard let hold, let place = configuration.scopes.budget(window.key.budgetNumber)?.scope.place else {
            return false
        }
        return hold.who.team != place.team
    }

    private func charge(_ result: BatchResult) -> [CommittedBatch.Window] {
        var charges: [Int64: Beside] = [:]
        for index in result.batch.jobs.indices {
            for charge in result.charges[index] {
                guard case .window(let id) = charge.target, windows[id] != nil else { continue }
                let isLost = bug == .loseSpendingOfMovedFeature && hasMoved(result.batch.jobs[index].hold, windows[id]!)
                charges[id, default: Beside()].spent += isLost ? 0 : counted(charge, in: id)
                guard charge.leaseRelease > 0, let maker = result.batch.jobs[index].hold?.id.replicaID else { continue }
                let key = LeaseKey(replicaID: maker, windowID: id)
                guard let lease = leases[key] else { continue }
                let taken = min(lease.amount, charge.leaseRelease)
                leases[key]!.amount -= taken
                charges[id]!.taken += taken
            }
        }
        for charge in result.replaced.values.flatMap(\.charges) {
            if case .window(let id) = charge.target { charges[id, default: Beside()].spent += counted(charge, in: id) }
        }
        return charges.sorted { $0.key < $1.key }.map { id, sums in
            charge(id, spent: sums.spent, taken: sums.taken)
            let window = windows[id]!
            return CommittedBatch.Window(
                windowID: id, limit: window.limit, spent: window.spent, leased: window.leased,
                revision: window.revision)
        }
    }
}
