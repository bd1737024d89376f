import Accounting

/// The ids that are claimed: by earlier batches, as far as they were read, and by the batch so far.
struct ClaimedKeys {
    private var keys: [EntryKey: BatchReadSet.Key]
    /// The ids that another team's event has and that an event of the batch uses too.
    private(set) var shared: [EntryKey: BatchReadSet.Key] = [:]

    init(_ keys: [EntryKey: BatchReadSet.Key], reserving count: Int) {
        self.keys = keys
        self.keys.reserveCapacity(count)
    }

    /// The key under which a posting is recorded, and the entry that has this key already.
    ///
    /// An event whose id another team used first has a key of its team. So has one of a feature that was moved, unless it was
    /// recorded before the move: the ledger has it at the new team, which may use the same id.
    mutating func find(_ posting: Posting, entryID: Int64) -> (key: EntryKey, known: BatchReadSet.Key?) {
        let known = keys[posting.key]
        if known == nil, !posting.isEventOfMovedFeature { return (posting.key, nil) }
        if let known, known.receipt.entryID == entryID || [nil, posting.entry.who.callersTeam].contains(known.team) {
            return (posting.key, known)
        }
        guard let key = posting.entry.keyOfTeam else { return (posting.key, known) }
        shared[posting.key] = known
        return (key, keys[key])
    }

    mutating func claim(_ key: EntryKey, by posting: Posting, entryID: Int64) {
        keys[key] = BatchReadSet.Key(of: posting, entryID: entryID)
    }
}
