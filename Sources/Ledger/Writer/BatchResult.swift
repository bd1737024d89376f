import Accounting

/// The dispositions of a batch's jobs, computed in memory from the read set of the batch.
///
/// If several jobs have one id, or several jobs end one hold, the first of them counts. This holds within the batch and
/// over all replicas.
package struct BatchResult {
    package enum Disposition {
        case accepted
        case duplicate(Receipt)
        /// The key is that of the other entry.
        case conflict(Receipt, EntryKey)
        /// The entry does not fit in a sum that it belongs to.
        case overflow(SumOverflow)
        /// The entry was rated by a price or under an agreement that a restore from a backup has lost, or the dispute that it
        /// accepts was decided meanwhile. It must be sent, and rated, again.
        case outdated
        /// The job ends a hold without an entry, so it has no key.
        case ending
        /// The hold does not expire, because it was given more time: so many microseconds.
        case extended(Int64)
    }

    package let batch: WriteBatch
    /// One for each job.
    package private(set) var dispositions: [Disposition] = []
    /// The entries of the accepted jobs, then the reversals of those that they replace.
    package private(set) var entries: [BookedEntry] = []
    /// For each job: the charges that apply, with windows opened and lease releases adjusted.
    package private(set) var charges: [[WindowCharge]] = []
    /// For each job: whether it is the first to end its hold, so that its end counts.
    package private(set) var isFirstEnd: [Bool] = []
    /// The entries that accepted jobs take the place of, by the indexes of the jobs.
    package private(set) var replaced: [Int: ReplaceableEntry] = [:]
    /// The ids of other teams' events that events of this batch use too.
    private(set) var sharedKeys: [EntryKey: BatchReadSet.Key] = [:]
    /// How the holds of this batch have ended.
    private(set) var ends: [HoldID: HoldEnd]
    let seenRows: NamedRows
    private let users: KnownUsers
    /// The ids of the usage in the batch, if it lets holds become estimated entries.
    private let reported: Set<EntryKey>

    package init(_ batch: WriteBatch, knowing known: BatchReadSet) {
        self.batch = batch
        ends = known.ends
        seenRows = known.sought.subtracting(known.lost)
        reported = batch.reportedKeys
        users = known.users
        dispositions.reserveCapacity(batch.jobs.count)
        entries.reserveCapacity(batch.jobs.count)
        charges.reserveCapacity(batch.jobs.count)
        isFirstEnd.reserveCapacity(batch.jobs.count)
        var keys = ClaimedKeys(known.keys, reserving: batch.jobs.count)
        var ended: Set<HoldID> = []
        var sums = known.sums
        for (index, job) in batch.jobs.enumerated() {
            let (disposition, key) = disposition(of: job, at: index, known, ended, &keys, &sums)
            dispositions.append(disposition)
            isFirstEnd.append(isFirst(job, disposition, known, &ended))
            charges.append(charges(of: job, at: index, known))
            if case .accepted = disposition, let key { accept(job, under: key, at: index, known) }
        }
        sharedKeys = keys.shared
        for index in replaced.keys.sorted() { takeBack(byJob: index, known) }
    }

    /// What a job comes to, and the key of its entry.
    private mutating func disposition(
        of job: LedgerJob, at index: Int, _ known: BatchReadSet, _ ended: Set<HoldID>, _ keys: inout ClaimedKeys,
        _ sums: inout BatchSums?
    ) -> (Disposition, EntryKey?) {
        guard let posting = job.posting else { return (ending(of: job, known), nil) }
        if case .estimate = job, let refused = refusal(ofEstimate: job, posting, known, ended) { return (refused, nil) }
        let entryID = batch.entryID(ofJob: index)
        let (key, claimed) = keys.find(posting, entryID: entryID)
        let isOwn = claimed?.receipt.entryID == entryID
        let former = isOwn ? nil : job.replacedEntryID(claimed).flatMap { known.replaceable[$0] }
        if let claimed, !isOwn, former == nil {
            if case .estimate = job { return (.ending, key) }
            return (claimed.isSame(as: posting) ? .duplicate(claimed.receipt) : .conflict(claimed.receipt, key), key)
        }
        // The batch was committed without this entry, so it was refused then. Sent again, it is told why. And what takes the
        // place of an entry that is not there takes none.
        if claimed == nil, former == nil, known.isAfterCommit || posting.entry.accepts != nil {
            return (.outdated, key)
        }
        if former != nil, let acceptance = posting.entry.accepts, !known.openDisputes.contains(acceptance.disputeNumber)
        {
            return (.outdated, key)
        }
        if known.lost.haveRated(posting.entry.rated) { return (.outdated, key) }
        if let overflow = overflow(of: job, posting, inPlaceOf: former, known, &sums) {
            if case .estimate = job { return (.ending, key) }
            return (.overflow(overflow), key)
        }
        replaced[index] = former
        if !isOwn { keys.claim(key, by: posting, entryID: entryID) }
        return (.accepted, key)
    }

    /// Adds what a job posts to the sums, without the entry that it takes the place of. If one of them does not fit, returns
    /// that sum and adds nothing.
    private func overflow(
        of job: LedgerJob, _ posting: Posting, inPlaceOf former: ReplaceableEntry?, _ known: BatchReadSet,
        _ sums: inout BatchSums?
    ) -> SumOverflow? {
        guard sums != nil else { return nil }
        func add(_ posting: Posting, _ charges: [WindowCharge]) -> SumOverflow? {
            sums!.add(posting, charges, batch.rollupKey(of: posting, closed: known.closedMonths))
        }
        let opened = job.charges.flatMap { $0.resolved(by: known) }
        guard let former else { return add(posting, opened) }
        let before = sums
        // What is taken back makes room first.
        guard let overflow = add(former.reversal, former.charges) ?? add(posting, opened) else { return nil }
        sums = before
        return overflow
    }

    /// Why a hold becomes no estimated entry, apart from its id and the sums; nil if it does. The call is reported in this very
    /// batch, or else the hold does not end here.
    private func refusal(
        ofEstimate job: LedgerJob, _ posting: Posting, _ known: BatchReadSet, _ ended: Set<HoldID>
    ) -> Disposition? {
        guard let hold = posting.hold, !ended.contains(hold.id),
            known.ends[hold.id] == nil || known.endsOfThisBatch.contains(hold.id)
        else {
            return .ending
        }
        // A hold that has more time does not expire, whatever else the batch reports of its call.
        if case .extended(let left) = ending(of: job, known) { return .extended(left) }
        return reported.contains(posting.key) ? .ending : nil
    }

    /// What a job without an entry comes to.
    private func ending(of job: LedgerJob, _ known: BatchReadSet) -> Disposition {
        guard job.how == .expired, let hold = job.hold, known.ends[hold.id] == nil else { return .ending }
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
        // A batch that was committed tells which of its jobs came first by how the hold ended.
        let isOpen = known.ends[id] == nil || known.endsOfThisBatch.contains(id) && known.ends[id] == job.how
        guard isOpen, ended.insert(id).inserted else { return false }
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
        case .ending:
            guard isFirst else { return [] }
            if case .end(_, _, let charges) = job { return charges }
            return releases(of: job.hold)
        case .duplicate:
            // The entry exists already: release what this hold set aside, and charge nothing again.
            return isFirst ? releases(of: job.hold) : []
        }
    }

    private func releases(of hold: Hold?) -> [WindowCharge] {
        guard let hold else { return [] }
        let isRemote = hold.id.replicaID != batch.replicaID
        return hold.charges.map {
            WindowCharge(
                target: .window($0.windowID), isCounted: false, spent: 0,
                leaseRelease: isRemote && $0.isLeased ? $0.amount : 0)
        }
    }

    private mutating func accept(_ job: LedgerJob, under key: EntryKey, at index: Int, _ known: BatchReadSet) {
        guard let posting = job.posting else { return }
        let day = batch.day(of: posting)
        let windowIDs = charges[index].compactMap { charge in
            if case .window(let id) = charge.target, charge.isCounted { id } else { nil }
        }
        entries.append(
            BookedEntry(
                posting: posting, key: key, entryID: batch.entryID(ofJob: index), day: day,
                bookingMonth: WriteBatch.bookingMonth(on: day, closed: known.closedMonths),
                userID: userID(of: posting.entry), windowIDs: windowIDs.sorted(),
                batchReplicaID: batch.replicaID, batchNumber: batch.number))
    }

    func userID(of entry: LedgerEntry) -> Int64? { entry.who.user.flatMap { users.ids[$0] } }

    /// Books the entry that takes back what a job has replaced.
    private mutating func takeBack(byJob index: Int, _ known: BatchReadSet) {
        guard let entry = replaced[index] else { return }
        let day = batch.day(of: entry.reversal)
        let windowIDs = entry.charges.compactMap { if case .window(let id) = $0.target { id } else { nil } }
        entries.append(
            BookedEntry(
                posting: entry.reversal, key: entry.reversal.key, entryID: batch.entryID(ofReversalByJob: index),
                day: day, bookingMonth: WriteBatch.bookingMonth(on: day, closed: known.closedMonths),
                userID: entry.userID, windowIDs: windowIDs.sorted(), batchReplicaID: batch.replicaID,
                batchNumber: batch.number))
    }

    /// Whether a hold of the batch has expired, in this batch or before.
    func hasExpired(_ hold: HoldID) -> Bool { ends[hold] == .expired }

    /// The ids of the windows that jobs change, sorted.
    var chargedWindows: [Int64] {
        var ids: Set<Int64> = []
        let all = charges.joined().map(\.target) + replaced.values.flatMap(\.charges).map(\.target)
        for case .window(let id) in all { ids.insert(id) }
        return ids.sorted()
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
