import Accounting
import Postgres

/// Finds out whether a batch was committed, and with what effects, if its commit was sent but not answered.
enum CommitOutcomeCheck {
    /// The check failed, for whatever reason, so the outcome is still unknown.
    struct Failure: Error { let cause: PostgresError }

    /// Nil: the batch was not committed and never will be.
    static func find(_ batch: WriteBatch, on connection: Connection) throws -> CommittedBatch? {
        try connection.transaction { transaction in
            try transaction.execute(BatchRead.lock(batch))
            guard let hash = try committedHash(of: batch, transaction) else { return nil }
            return try committed(batch, hash: hash, transaction)
        }
    }

    /// `FOR UPDATE` makes this a writing transaction, so its own commit waits until a synchronous standby has
    /// everything up to here. This matters if the wait of the batch's own commit was cut short: the batch may then be
    /// on one node only.
    private static func committedHash(of batch: WriteBatch, _ transaction: borrowing Transaction) throws -> [UInt8]? {
        try transaction.query(
            "SELECT hash FROM batch WHERE replica_id = \(batch.replicaID) AND number = \(batch.number) FOR UPDATE"
        ).first?.decode(at: 0)
    }

    private static func committed(
        _ batch: WriteBatch, hash: [UInt8], _ transaction: borrowing Transaction
    ) throws -> CommittedBatch {
        var known = BatchReadSet()
        known.isAfterCommit = true
        if let keys = BatchRead.keys(of: batch.postings) {
            known.keys = try BatchRead.decodeKeys(transaction.query(keys))
            try addReplaced(batch, &known, transaction)
        }
        let holds = batch.holdIDs
        // Neither row ever changes, so rows that one transaction wrote have the same xmin.
        for row in try transaction.query(
            """
            SELECT e.replica_id, e.hold_number, e.how, e.xmin = b.xmin FROM hold_end e
            JOIN unnest(\(holds.map(\.replicaID)), \(holds.map(\.number))) AS w(replica_id, hold_number)
                ON e.replica_id = w.replica_id AND e.hold_number = w.hold_number
            JOIN batch b ON b.replica_id = \(batch.replicaID) AND b.number = \(batch.number)
            """)
        {
            let (replica, number, how, isOfThisBatch) = try row.decode((Int64, Int64, String, Bool).self)
            let id = HoldID(replicaID: replica, number: number)
            known.ends[id] = HoldEnd(rawValue: how)
            if isOfThisBatch { known.endsOfThisBatch.insert(id) }
        }
        let result = BatchResult(batch, knowing: known)
        let windows = try WindowRows.facts(result.chargedWindows, replicaID: batch.replicaID, transaction).map {
            CommittedBatch.Window(
                windowID: $0.windowID, limit: $0.limit, spent: $0.spent, leased: $0.leased, revision: $0.revision)
        }
        // The batch may have written alerts. `true` has them delivered at once rather than at the next regular check.
        return result.committed(windows: windows, didCrossThreshold: true, hash: hash)
    }

    /// An entry of the batch may have been replaced since: its key then names another, but the batch has claimed it.
    private static func addReplaced(
        _ batch: WriteBatch, _ known: inout BatchReadSet, _ transaction: borrowing Transaction
    ) throws {
        var others: [Int64: Posting] = [:]
        for (index, job) in batch.jobs.enumerated() {
            let entryID = batch.entryID(ofJob: index)
            guard let posting = job.posting, let key = known.keys[posting.key], key.receipt.entryID != entryID else {
                continue
            }
            // Another team's event has the id, and this one a key of its team.
            if let own = posting.entry.keyOfTeam, known.keys[own]?.receipt.entryID == entryID { continue }
            others[entryID] = posting
        }
        if others.isEmpty { return }
        for row in try transaction.query("SELECT entry_id FROM ledger WHERE entry_id = ANY(\(others.keys.sorted()))") {
            let entryID: Int64 = try row.decode(at: 0)
            guard let posting = others[entryID] else { continue }
            known.keys[posting.key] = BatchReadSet.Key(of: posting, entryID: entryID)
        }
    }
}
