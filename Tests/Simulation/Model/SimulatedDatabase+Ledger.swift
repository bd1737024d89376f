import Accounting
import Ledger

extension SimulatedDatabase {
    /// What `WriteBatch` does in one transaction.
    func commit(_ attempt: LedgerQueue.Attempt) -> CommittedBatch {
        let batch = attempt.batch
        let key = BatchKey(replicaID: batch.replicaID, number: batch.number)
        if attempt.mayBeCommitted, let committed = batches[key] { return committed }
        var result = BatchResult(batch: batch)
        claimKeys(&result)
        openWindows(&result)
        claimEnds(&result)
        result.settleCharges()
        for index in result.accepted { entries[result.entries[index]!.entryID] = result.entries[index]! }
        takeFromLeases(result)
        charge(&result)
        let committed = result.committed
        batches[key] = committed
        return committed
    }

    private func keyName(_ entry: LedgerEntry) -> String {
        let name = "\(entry.keyOwner)\n\(entry.requestID)"
        // With the month in the key, as in a table that is partitioned by it.
        return bug == .forgetKeysOverMidnight ? "\(now.day.month)\n\(name)" : name
    }

    private func claimKeys(_ result: inout BatchResult) {
        for (index, entry) in result.entries.sorted(by: { $0.key < $1.key }) {
            let name = keyName(entry)
            if let known = keys[name] {
                let isSame = known.digest == result.digest(of: index)
                result.standings[index] = isSame ? .duplicate(known.receipt) : .conflict(known.receipt)
            } else {
                keys[name] = Key(digest: result.digest(of: index), receipt: result.receipt(of: entry))
            }
        }
    }

    private func openWindows(_ result: inout BatchResult) {
        for index in result.accepted {
            for charge in result.charges[index]! {
                if case .unopened(let key) = charge.target { _ = open(key) }
            }
            result.name(windowIDs, of: index)
        }
    }

    private func claimEnds(_ result: inout BatchResult) {
        let me = result.batch.replicaID
        for index in result.enders {
            let hold = result.batch.jobs[index].hold!
            let how = result.how(result.batch.jobs[index])
            let isRemote = hold.id.replicaID != me
            if ends[hold.id] == nil || bug == .countRemoteSettleTwice && isRemote && how == .settled {
                ends[hold.id] = End(how: how, endedBy: me, endedAt: now)
                result.firstEnders.insert(index)
            }
            result.ends[hold.id] = ends[hold.id]!.how
        }
    }

    private func takeFromLeases(_ result: BatchResult) {
        for index in result.batch.jobs.indices {
            guard let maker = result.batch.jobs[index].hold?.id.replicaID else { continue }
            for charge in result.charges[index] ?? [] where charge.leaseRelease > 0 {
                guard case .window(let window) = charge.target else { continue }
                let key = LeaseKey(replicaID: maker, windowID: window)
                guard let lease = leases[key] else { continue }
                change(key, by: -min(lease.amount, charge.leaseRelease))
            }
        }
    }

    private func charge(_ result: inout BatchResult) {
        var touched: Set<Int64> = []
        for index in result.batch.jobs.indices {
            for charge in result.charges[index] ?? [] {
                guard case .window(let id) = charge.target else { continue }
                windows[id]!.spent += charge.spent
                windows[id]!.revision += 1
                touched.insert(id)
            }
        }
        result.windows = touched.sorted().map { id in
            let window = windows[id]!
            return CommittedBatch.Window(
                windowID: id, limit: window.limit, spent: window.spent, leased: window.leased,
                revision: window.revision)
        }
    }
}
