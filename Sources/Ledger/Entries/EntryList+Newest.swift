import Postgres

extension EntryList {
    /// How many of the replicas that have ended are looked through for the newest entries.
    private static let endedReplicas: Int64 = 200

    /// The newest entries of all replicas, and the position at the end of the ledger.
    ///
    /// They are sought in the replicas that are live and in the `endedReplicas` that ended last. Of a team also in the
    /// last `endedReplicas` that have entries of it, so that a team with few finds them however old they are.
    package static func newest(_ filter: EntryFilter, limit: Int64, _ connection: Connection) throws -> Page {
        try read(connection) { transaction in
            let replicas = try transaction.query(likelyReplicas(team: filter.team)).map {
                try $0.decode(Int64.self, at: 0)
            }
            let entries = try newest(of: replicas, filter, limit: limit, transaction)
            return Page(entries: entries.reversed(), position: try end(transaction), hasMore: false)
        }
    }

    static func likelyReplicas(team: String?) -> SQL {
        var wanted: SQL = """
            SELECT replica_id FROM replica WHERE state = 'live'
            UNION
            (SELECT replica_id FROM replica WHERE state <> 'live' ORDER BY heartbeat_at DESC LIMIT \(endedReplicas))
            """
        if let team {
            // Goes from each replica that has entries of the team to the one before it, a step in the index each.
            let before: SQL = """
                SELECT (entry_id >> \(unescaped: "\(EntryID.numberBits)")) AS replica_id FROM ledger
                WHERE (team, entry_id) >= (\(team), 0) AND (team, entry_id) <
                """
            wanted += """

                UNION
                (WITH RECURSIVE own AS (
                    (\(sql: before) (\(team), \(Int64.max)) ORDER BY team DESC, entry_id DESC LIMIT 1)
                    UNION ALL
                    SELECT b.replica_id FROM own CROSS JOIN LATERAL (
                        \(sql: before) (\(team), own.replica_id << \(unescaped: "\(EntryID.numberBits)"))
                        ORDER BY team DESC, entry_id DESC LIMIT 1) b
                ) SELECT replica_id FROM own LIMIT \(endedReplicas))
                """
        }
        return wanted
    }

    /// Newest first.
    private static func newest(
        of replicas: [Int64], _ filter: EntryFilter, limit: Int64, _ transaction: borrowing Transaction
    ) throws -> [Entry] {
        let ranges = replicas.map { (after: EntryID.first(of: $0) - 1, through: EntryID.last(of: $0)) }
        var count = min(limit, 4 + 2 * limit / Int64(max(1, replicas.count)))
        while true {
            let rows = try transaction.query(entries(of: ranges, filter, isNewestFirst: true, count: count))
            let found = try rows.map(entry).sorted { inOrder($1, $0) }
            // Of a replica with `count` entries here, older ones may be missing between those of other replicas.
            let cut = Dictionary(grouping: found) { EntryID.replica($0.entryID) }.values
                .filter { $0.count == count }.compactMap { $0.map(\.recordedAt).min() }.max()
            let whole = cut.map { cut in found.prefix { $0.recordedAt > cut }.count } ?? found.count
            if whole >= limit || count == limit { return Array(found.prefix(Int(limit))) }
            count = min(limit, count * 4)
        }
    }

    private static func end(_ transaction: borrowing Transaction) throws -> LedgerPosition {
        var position = LedgerPosition(wholeThrough: try ReplicaReading.lastOld(transaction), lastEntries: [:])
        for replica in try ReplicaReading.unsettled(transaction) {
            if let last = replica.lastEntryID {
                position.lastEntries[replica.replicaID] = last
            } else if replica.replicaID <= position.wholeThrough {
                position.lastEntries[replica.replicaID] = position.lastEntry(of: replica.replicaID)
            }
        }
        return position
    }
}
