import Accounting

/// An entry that usage takes the place of: an estimated one whose call was settled after all, or one whose usage was disputed.
package struct ReplaceableEntry: Sendable {
    /// The entry that takes it back.
    let reversal: Posting
    /// What the reversal charges: of each window all that the entry and its corrections have.
    package let charges: [WindowCharge]
    let userID: Int64?
    /// The hold that became the entry.
    let hold: HoldID?

    /// A window that the entry charges, and when that no longer counts.
    package typealias Window = (target: WindowCharge.Target, unit: Budget.Unit, leavesAt: Timestamp?)

    /// - Parameters:
    ///   - entry: the entry as it stands, with all its corrections.
    ///   - corrections: how many these are.
    ///   - posting: what takes its place.
    package init(
        _ entry: LedgerEntry, entryID: Int64, corrections: Int64 = 0, userID: Int64?, hold: HoldID?, windows: [Window],
        by posting: Posting
    ) {
        self.init(
            entry, entryID: entryID, corrections: corrections, userID: userID, hold: hold, windows: windows,
            takenBackAt: posting.entry.recordedAt, source: posting.entry.source)
    }

    /// - Parameter source: of the entry that takes it back.
    init(
        _ entry: LedgerEntry, entryID: Int64, corrections: Int64, userID: Int64?, hold: HoldID?, windows: [Window],
        takenBackAt recordedAt: Timestamp, source: String
    ) {
        self.userID = userID
        self.hold = hold
        let (cost, tokens) = (entry.rated.cost, entry.usage.quantities.totalTokens)
        charges = windows.map { window in
            WindowCharge(
                target: window.target, isCounted: true,
                spent: -AdmissionEngine.amount(cost, tokens, window.unit), leaseRelease: 0, leavesAt: window.leavesAt)
        }
        let quantities = Quantities(
            stored: entry.usage.quantities.lines.map { Quantities.Line(meter: $0.meter, quantity: -$0.quantity) })
        var reversal = LedgerEntry(
            occurredAt: entry.occurredAt, recordedAt: recordedAt, source: source,
            requestID: entry.requestID, who: entry.who, requestedModel: entry.requestedModel, model: entry.model,
            tier: entry.tier, usage: Usage(format: .purser, quantities: quantities, raw: nil, residualTokens: 0),
            rated: RatedCall(
                stating: cost.map { .zero - $0 }, listCost: entry.rated.listCost.map { .zero - $0 }, of: quantities))
        reversal.kind = .reversal
        reversal.correctsEntryID = entryID
        reversal.attempt = corrections + 1
        reversal.region = entry.region
        reversal.status = entry.status
        reversal.requestedCost = entry.requestedCost.map { .zero - $0 }
        self.reversal = Posting(reversal, isOccurredAtGiven: true)
    }
}

extension LedgerJob {
    /// The entry that the job's usage takes the place of; nil if it must be new.
    ///
    /// - Parameter key: that of the entry which has the id of the usage.
    package func replacedEntryID(_ key: BatchReadSet.Key?) -> Int64? {
        guard case .record(let posting, _) = self else { return nil }
        guard let acceptance = posting.entry.accepts else {
            return key.flatMap { $0.isEstimated ? $0.receipt.entryID : nil }
        }
        let isCommitted = key.map { $0.receipt.entryID == acceptance.committedEntryID } ?? true
        return isCommitted ? acceptance.committedEntryID : nil
    }
}

extension WriteBatch {
    /// The ids of the entries that the batch takes the place of, each with what does.
    func replaced(_ keys: [EntryKey: BatchReadSet.Key]) -> [Int64: Posting] {
        var replaced: [Int64: Posting] = [:]
        var claimed = ClaimedKeys(keys, reserving: 0)
        for (index, job) in jobs.enumerated() {
            guard let posting = job.posting else { continue }
            let key = claimed.find(posting, entryID: entryID(ofJob: index)).known
            guard let id = job.replacedEntryID(key) else { continue }
            replaced[id] = replaced[id] ?? posting
        }
        return replaced
    }
}
