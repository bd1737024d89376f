import Accounting

/// The dispositions of a batch's jobs, computed in memory from the read set of the batch.
///
/// If several jobs have one id, or several jobs end one hold, the first of them counts. This holds within the batch and
/// over all replicas.
package struct BatchResult {
    package enum Disposition {
        case accepted
        case duplicate(Receipt)
        case conflict(Receipt)
        /// The entry does not fit in a sum that it belongs to.
        case overflow(SumOverflow)
        /// The entry was rated by a price or under an agreement that a restore from a backup has lost. It must be sent, and
        /// rated, again.
        case outdated
        /// The job ends a hold without an entry, so it has no key.
        case ending
        /// The hold does not expire, because it was given more time: so many microseconds.
        case extended(Int64)
    }

    package let batch: WriteBatch
    /// One for each job.
    package private(set) var dispositions: [Disposition] = []
    /// The entries of the accepted jobs.
    package private(set) var entries: [BookedEntry] = []
    /// For each job: the charges that apply, with windows opened and lease releases adjusted.
    package private(set) var charges: [[WindowCharge]] = []
    /// For each job: whether it is the first to end its hold, so that its end counts.
    package private(set) var isFirstEnd: [Bool] = []
    /// The ids of other teams' events that events of this batch use too.
    private(set) var sharedKeys: [EntryKey: BatchReadSet.Key] = [:]
    /// How the holds of this batch have ended.
    private var ends: [HoldID: HoldEnd]
    private let seenRows: NamedRows

    package init(_ batch: WriteBatch, knowing known: BatchReadSet) {
        self.batch = batch
        ends = known.ends
        seenRows = known.sought.subtracting(known.lost)
        dispositions.reserveCapacity(batch.jobs.count)
        entries.reserveCapacity(batch.jobs.count)
        charges.reserveCapacity(batch.jobs.count)
        isFirstEnd.reserveCapacity(batch.jobs.count)
        var keys = ClaimedKeys(known.keys, reserving: batch.jobs.count)
        var ended: Set<HoldID> = []
        var sums = known.sums
        for (index, job) in batch.jobs.enumerated() {
            let (disposition, key) = disposition(of: job, at: index, known, &keys, &sums)
            dispositions.append(disposition)
            isFirstEnd.append(isFirst(job, disposition, known, &ended))
            charges.append(charges(of: job, at: index, known))
            if case .accepted = disposition, let key { accept(job, under: key, at: index, known) }
        }
        sharedKeys = keys.shared
    }

    /// What a job comes to, and the key of its entry.
    private func disposition(
        of job: LedgerJob, at index: Int, _ known: BatchReadSet, _ keys: inout ClaimedKeys, _ sums: inout BatchSums?
    ) -> (Disposition, EntryKey?) {
        guard case .record(let posting, let charges) = job else { return (ending(of: job, known), nil) }
        let entryID = batch.entryID(ofJob: index)
        let (key, claimed) = keys.find(posting, entryID: entryID)
        if let claimed, claimed.receipt.entryID != entryID {
            return (claimed.isSame(as: posting) ? .duplicate(claimed.receipt) : .conflict(claimed.receipt), key)
        }
        // The batch was committed without this entry, so it was refused then. Sent again, it is told why.
        if claimed == nil, known.isAfterCommit { return (.outdated, key) }
        if known.lost.haveRated(posting.entry.rated) { return (.outdated, key) }
        if sums != nil {
            let rollup = batch.rollupKey(of: posting, closed: known.closedMonths)
            let opened = charges.flatMap { $0.resolved(by: known) }
            if let overflow = sums!.add(posting, opened, rollup) { return (.overflow(overflow), key) }
        }
        if claimed == nil { keys.claim(key, by: posting, entryID: entryID) }
        return (.accepted, key)
    }

    /// What a job without an entry comes to.
    private func ending(of job: LedgerJob, _ known: BatchReadSet) -> Disposition {
        guard case .end(let hold, .expired, _) = job, known.ends[hold.id] == nil else { return .ending }
        if let left = known.extensions[hold.id] { return .extended(left) }
        // The batch was committed without this end, so the hold had more time then. How much, the next expiry learns.
        return known.isAfterCommit ? .extended(0) : .ending
    }

    /// Whether a job is the first to end its hold. Every job with a hold ends it, except a job whose usage is refused.
    private mutating func isFirst(
        _ job: LedgerJob, _ disposition: Disposition, _ known: BatchReadSet, _ ended: inout Set<HoldID>
    ) -> Bool {
        guard let id = job.hold?.id else { return false }
        switch disposition {
        case .conflict, .overflow, .outdated, .extended: return false
        case .accepted, .duplicate, .ending: break
        }
        guard known.ends[id] == nil || known.endsOfThisBatch.contains(id), ended.insert(id).inserted else {
            return false
        }
        ends[id] = job.how
        return true
    }

    /// What a job takes from leases and windows, given its disposition and whether its end counts.
    private func charges(of job: LedgerJob, at index: Int, _ known: BatchReadSet) -> [WindowCharge] {
        let isFirst = isFirstEnd[index]
        switch dispositions[index] {
        case .accepted:
            let keepsRelease = isFirst || job.hold == nil
            let charges = job.charges.flatMap { $0.resolved(by: known) }
            return keepsRelease ? charges : charges.map { $0.releasing(0) }
        case .conflict, .overflow, .outdated, .extended: return []
        case .ending: return isFirst ? job.charges : []
        case .duplicate:
            // The entry exists already: release what this hold set aside, and charge nothing again.
            guard isFirst, let hold = job.hold else { return [] }
            let isRemote = hold.id.replicaID != batch.replicaID
            return hold.charges.map {
                WindowCharge(
                    target: .window($0.windowID), isCounted: false, spent: 0,
                    leaseRelease: isRemote && $0.isLeased ? $0.amount : 0)
            }
        }
    }

    private mutating func accept(_ job: LedgerJob, under key: EntryKey, at index: Int, _ known: BatchReadSet) {
        guard case .record(let posting, _) = job else { return }
        let day = batch.day(of: posting)
        let windowIDs = charges[index].compactMap { charge in
            if case .window(let id) = charge.target, charge.isCounted { id } else { nil }
        }
        entries.append(
            BookedEntry(
                posting: posting, key: key, entryID: batch.entryID(ofJob: index), day: day,
                bookingMonth: WriteBatch.bookingMonth(on: day, closed: known.closedMonths),
                userID: posting.entry.who.user.flatMap { known.users.ids[$0] }, windowIDs: windowIDs.sorted(),
                batchReplicaID: batch.replicaID, batchNumber: batch.number))
    }

    /// Whether a hold of the batch has expired, in this batch or before.
    func hasExpired(_ hold: HoldID) -> Bool { ends[hold] == .expired }

    /// The ids of the windows that jobs change, sorted.
    var chargedWindows: [Int64] {
        var ids: Set<Int64> = []
        for case .window(let id) in charges.joined().lazy.map(\.target) { ids.insert(id) }
        return ids.sorted()
    }

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
            outcomes: outcomes, endings: endings, reopened: reopened, extended: extended, windows: windows,
            didCrossThreshold: didCrossThreshold,
            didMeetTakenIDs: !sharedKeys.isEmpty || outcomes.contains { (try? $0.get())?.isRepeat ?? false },
            didMeetOthers: didMeetOthers, seenRows: seenRows, lockWaitMicroseconds: lockWaitMicroseconds, hash: hash)
    }

    private func outcome(of job: LedgerJob, at index: Int) -> Result<LedgerOutcome, LedgerFailure> {
        switch (dispositions[index], job) {
        case (.duplicate(let receipt), _): .success(.duplicate(receipt))
        case (.conflict(let receipt), _): .success(.conflict(receipt))
        case (.overflow(let overflow), _): .success(.overflow(overflow))
        case (.outdated, _): .failure(.unavailable)
        case (.extended, _): .success(.extended)
        case (_, .record(let posting, _)):
            .success(.recorded(Receipt(of: posting, entryID: batch.entryID(ofJob: index))))
        case (_, .end(let hold, _, _)):
            .success(isFirstEnd[index] ? .ended : .alreadyEnded(ends[hold.id] ?? .expired))
        }
    }
}

extension WindowCharge {
    fileprivate func releasing(_ leaseRelease: Int64) -> WindowCharge {
        WindowCharge(
            target: target, isCounted: isCounted, spent: spent, leaseRelease: leaseRelease, leavesAt: leavesAt)
    }

    /// The charge by the ids that windows have now. What a lost window should have counted goes to the one that has its
    /// budget and span; if the budget is lost too, nothing counts it. The rest, a release, changes no row.
    fileprivate func resolved(by known: BatchReadSet) -> [WindowCharge] {
        switch target {
        case .unopened(let key):
            guard let id = known.windowIDs[key] else { return [self] }
            return [counted(in: id, releasing: leaseRelease)]
        case .window(let id):
            guard isCounted, known.lost.windows.contains(id) else { return [self] }
            let rest = WindowCharge(target: target, isCounted: false, spent: 0, leaseRelease: leaseRelease)
            guard let found = key.flatMap({ known.windowIDs[$0] }) else { return [rest] }
            return [counted(in: found, releasing: 0), rest]
        }
    }

    private func counted(in window: Int64, releasing leaseRelease: Int64) -> WindowCharge {
        WindowCharge(
            target: .window(window), isCounted: true, spent: spent, leaseRelease: leaseRelease, key: key,
            leavesAt: leavesAt)
    }
}
