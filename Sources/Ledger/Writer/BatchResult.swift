import Accounting

/// What each job of a batch comes to, worked out in memory from what PostgreSQL has.
///
/// Of several jobs under one id, and of several ends of one hold, the first counts: here and over all replicas.
package struct BatchResult {
    package enum Standing {
        case accepted
        case duplicate(Receipt)
        case conflict(Receipt)
        /// The end of a hold, which has no key.
        case ending
    }

    package let batch: WriteBatch
    /// By job.
    package private(set) var standings: [Standing] = []
    /// The entries of the jobs that are accepted.
    package private(set) var entries: [BookedEntry] = []
    /// By job: the charges that apply, with windows opened and releases as they came out.
    package private(set) var charges: [[WindowCharge]] = []
    /// By job: whether its end of a hold is the one that counts.
    package private(set) var isFirstEnd: [Bool] = []
    /// How the holds of this batch have ended.
    private var ends: [HoldID: HoldEnd]

    package init(_ batch: WriteBatch, knowing known: BatchKnowledge) {
        self.batch = batch
        ends = known.ends
        standings.reserveCapacity(batch.jobs.count)
        entries.reserveCapacity(batch.jobs.count)
        charges.reserveCapacity(batch.jobs.count)
        isFirstEnd.reserveCapacity(batch.jobs.count)
        var keys = known.keys
        keys.reserveCapacity(batch.jobs.count)
        var ended: Set<HoldID> = []
        for (index, job) in batch.jobs.enumerated() {
            let standing = Self.standing(of: job, batch.entryID(ofJob: index), &keys)
            standings.append(standing)
            isFirstEnd.append(isFirst(job, standing, known, &ended))
            charges.append(charges(of: job, at: index, known.windowIDs))
            if case .accepted = standing { accept(job, at: index, known) }
        }
    }

    private static func standing(
        of job: LedgerJob, _ entryID: Int64, _ keys: inout [EntryKey: BatchKnowledge.Key]
    ) -> Standing {
        guard case .record(let posting, _) = job else { return .ending }
        guard let known = keys[posting.key] else {
            keys[posting.key] = BatchKnowledge.Key(
                digest: posting.digest, receipt: Receipt(of: posting.entry, entryID: entryID))
            return .accepted
        }
        if known.receipt.entryID == entryID { return .accepted }
        return known.digest == posting.digest ? .duplicate(known.receipt) : .conflict(known.receipt)
    }

    /// All jobs end their hold but those whose usage is refused.
    private mutating func isFirst(
        _ job: LedgerJob, _ standing: Standing, _ known: BatchKnowledge, _ ended: inout Set<HoldID>
    ) -> Bool {
        guard let id = job.hold?.id else { return false }
        if case .conflict = standing { return false }
        guard known.ends[id] == nil || known.endsOfThisBatch.contains(id), ended.insert(id).inserted else {
            return false
        }
        ends[id] = job.how
        return true
    }

    /// What a job takes from leases and windows, now that it is known whether its end counts.
    private func charges(of job: LedgerJob, at index: Int, _ opened: [WindowKey: Int64]) -> [WindowCharge] {
        let isFirst = isFirstEnd[index]
        switch standings[index] {
        case .accepted:
            let keepsRelease = isFirst || job.hold == nil
            return job.charges.map { charge in
                let charge = charge.opened(as: opened)
                return keepsRelease ? charge : charge.releasing(0)
            }
        case .conflict: return []
        case .ending: return isFirst ? job.charges : []
        case .duplicate:
            // The entry is there already: what this hold set aside is given up, and nothing is charged again.
            guard isFirst, let hold = job.hold else { return [] }
            let isRemote = hold.id.replicaID != batch.replicaID
            return hold.charges.map {
                WindowCharge(
                    target: .window($0.windowID), isCounted: false, spent: 0,
                    leaseRelease: isRemote && $0.isLeased ? $0.amount : 0)
            }
        }
    }

    private mutating func accept(_ job: LedgerJob, at index: Int, _ known: BatchKnowledge) {
        guard case .record(let posting, _) = job else { return }
        let day = batch.day(of: posting)
        let windowIDs = charges[index].compactMap { charge in
            if case .window(let id) = charge.target, charge.isCounted { id } else { nil }
        }
        entries.append(
            BookedEntry(
                posting: posting, entryID: batch.entryID(ofJob: index), day: day,
                bookingMonth: WriteBatch.bookingMonth(on: day, closed: known.closedMonths),
                userID: posting.entry.who.user.flatMap { known.userIDs[$0] }, windowIDs: windowIDs.sorted(),
                batchReplicaID: batch.replicaID, batchNumber: batch.number))
    }

    /// The windows that jobs change, sorted.
    var chargedWindows: [Int64] {
        var ids: Set<Int64> = []
        for case .window(let id) in charges.joined().lazy.map(\.target) { ids.insert(id) }
        return ids.sorted()
    }

    package func committed(
        windows: [CommittedBatch.Window], didCrossThreshold: Bool, lockWaitMicroseconds: Int64 = 0, hash: [UInt8]
    ) -> CommittedBatch {
        var outcomes: [LedgerOutcome] = []
        var endings: [CommittedBatch.Ending] = []
        var reopened: [Hold] = []
        outcomes.reserveCapacity(batch.jobs.count)
        endings.reserveCapacity(batch.jobs.count)
        for (index, job) in batch.jobs.enumerated() {
            if let hold = job.hold {
                if case .conflict = standings[index] {
                    reopened.append(hold)
                } else {
                    endings.append(.init(hold: hold, charges: charges[index], wasFirst: isFirstEnd[index]))
                }
            }
            outcomes.append(outcome(of: job, at: index))
        }
        return CommittedBatch(
            outcomes: outcomes, endings: endings, reopened: reopened, windows: windows,
            didCrossThreshold: didCrossThreshold, lockWaitMicroseconds: lockWaitMicroseconds, hash: hash)
    }

    private func outcome(of job: LedgerJob, at index: Int) -> LedgerOutcome {
        switch (standings[index], job) {
        case (.duplicate(let receipt), _): .duplicate(receipt)
        case (.conflict(let receipt), _): .conflict(receipt)
        case (_, .record(let posting, _)): .recorded(Receipt(of: posting.entry, entryID: batch.entryID(ofJob: index)))
        case (_, .end(let hold, _, _)): isFirstEnd[index] ? .ended : .alreadyEnded(ends[hold.id] ?? .expired)
        }
    }
}

extension WindowCharge {
    fileprivate func releasing(_ leaseRelease: Int64) -> WindowCharge {
        WindowCharge(target: target, isCounted: isCounted, spent: spent, leaseRelease: leaseRelease)
    }

    fileprivate func opened(as ids: [WindowKey: Int64]) -> WindowCharge {
        guard case .unopened(let key) = target, let id = ids[key] else { return self }
        return WindowCharge(target: .window(id), isCounted: true, spent: spent, leaseRelease: leaseRelease)
    }
}
