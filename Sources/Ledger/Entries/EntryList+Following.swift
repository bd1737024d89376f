import Postgres

extension EntryList {
    /// The most replicas whose entries share a page.
    private static let replicasAPage = 64

    /// The entries that follow a position. Whoever asks again with the position of each page gets every entry once,
    /// also those of replicas that start later, as long as it asks for the same. A page may be short, or empty, and have more behind it.
    package static func following(
        _ position: LedgerPosition, _ filter: EntryFilter, limit: Int64, _ connection: Connection
    ) throws -> Page {
        try read(connection) { transaction in
            let replicas = try ReplicaReading.all(beyond: position, transaction)
            let waiting = replicas.filter { $0.hasMore(after: position) }
            let read = waiting.prefix(min(replicasAPage, Int(limit)))
            let share = max(1, limit / Int64(max(1, read.count)))
            let rows = try transaction.query(
                entries(
                    of: read.map { (position.lastEntry(of: $0.replicaID), EntryID.last(of: $0.replicaID)) },
                    filter, isNewestFirst: false, count: share + 1))
            var found = Dictionary(grouping: try rows.map(entry)) { EntryID.replica($0.entryID) }
            var next = position
            var hasMore = waiting.count > read.count
            for replica in read {
                let entries = found[replica.replicaID]?.sorted { $0.entryID < $1.entryID } ?? []
                if entries.count > share {
                    found[replica.replicaID] = entries.dropLast()
                    next.lastEntries[replica.replicaID] = entries[entries.count - 2].entryID
                    hasMore = true
                } else {
                    next.lastEntries[replica.replicaID] = replica.lastEntryID
                }
            }
            next.shorten(replicas, firstUnread: waiting.dropFirst(read.count).first?.replicaID)
            return Page(entries: found.values.joined().sorted(by: inOrder), position: next, hasMore: hasMore)
        }
    }
}

extension ReplicaReading {
    fileprivate func hasMore(after position: LedgerPosition) -> Bool {
        lastEntryID.map { $0 > position.lastEntry(of: replicaID) } ?? false
    }
}

extension LedgerPosition {
    /// Leaves out the replicas that need not be named: those that were read to their end and write no more.
    ///
    /// - Parameters:
    ///   - replicas: all beyond the position, by id.
    ///   - firstUnread: the first of them of which more is there and nothing was read.
    fileprivate mutating func shorten(_ replicas: [ReplicaReading], firstUnread: Int64?) {
        let whole = replicas.last { $0.isOld && $0.replicaID < firstUnread ?? .max }?.replicaID ?? 0
        wholeThrough = max(wholeThrough, whole)
        var kept: [Int64: Int64] = [:]
        for replica in replicas {
            let last = lastEntry(of: replica.replicaID)
            if replica.replicaID > wholeThrough {
                kept[replica.replicaID] = lastEntries[replica.replicaID]
            } else if !replica.isSettled || replica.hasMore(after: self) {
                kept[replica.replicaID] = last
            }
        }
        lastEntries = kept
    }
}
