import Postgres

/// A replica as a reader of the ledger sees it.
struct ReplicaReading {
    /// Replicas that ended longer ago than this write no more. One may have been frozen in the middle of a commit when
    /// it was declared gone, and finish it when it wakes up.
    private static let settledAfter = "interval '3 days'"

    let replicaID: Int64
    /// Whether it writes no more.
    let isSettled: Bool
    /// Whether every replica with a lower id is known: ids are drawn before the registration commits.
    let isOld: Bool
    /// Nil where it has written none.
    let lastEntryID: Int64?

    /// The replicas of which the reader may lack entries, by id.
    static func all(beyond position: LedgerPosition, _ transaction: borrowing Transaction) throws -> [ReplicaReading] {
        try all(
            where: """
                replica_id > \(position.wholeThrough) OR replica_id = ANY(\(position.lastEntries.keys.sorted()))
                """, transaction)
    }

    /// The replicas that a position at the end of the ledger must name, and the last one before them.
    static func unsettled(_ transaction: borrowing Transaction) throws -> [ReplicaReading] {
        try all(where: "NOT (\(unescaped: isSettled) AND \(unescaped: isOld))", transaction)
    }

    static func lastOld(_ transaction: borrowing Transaction) throws -> Int64 {
        try transaction.query(
            "SELECT COALESCE(max(replica_id), 0) FROM replica WHERE \(unescaped: isOld)")[0].decode(at: 0)
    }

    private static let isSettled = "(state <> 'live' AND heartbeat_at < now() - \(settledAfter))"
    private static let isOld = "started_at < now() - \(settledAfter)"

    /// A replica's last batch names its last entry, unless it wrote none.
    private static func all(
        where condition: SQL, _ transaction: borrowing Transaction
    ) throws -> [ReplicaReading] {
        try transaction.query(
            """
            SELECT r.replica_id, \(unescaped: isSettled), \(unescaped: isOld),
                CASE WHEN b.number IS NOT NULL THEN COALESCE(b.last_entry_id, (
                    SELECT entry_id FROM ledger
                    WHERE entry_id BETWEEN r.replica_id << \(unescaped: "\(EntryID.numberBits)")
                        AND (r.replica_id << \(unescaped: "\(EntryID.numberBits)")) | \(EntryID.maximumNumber)
                    ORDER BY entry_id DESC LIMIT 1)) END
            FROM replica r LEFT JOIN LATERAL (
                SELECT number, last_entry_id FROM batch WHERE replica_id = r.replica_id ORDER BY number DESC LIMIT 1
            ) b ON true
            WHERE \(sql: condition) ORDER BY r.replica_id
            """
        ).map { row in
            let (replicaID, isSettled, isOld, lastEntryID) = try row.decode((Int64, Bool, Bool, Int64?).self)
            return ReplicaReading(
                replicaID: replicaID, isSettled: isSettled, isOld: isOld, lastEntryID: lastEntryID)
        }
    }
}
