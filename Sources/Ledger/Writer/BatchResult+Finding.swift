import Accounting
import Postgres

extension BatchResult {
    /// Finds out what a batch did whose commit was sent but not answered, and which turns out to be there.
    init(batch: WriteBatch, findingIn transaction: borrowing Transaction, hash: [UInt8]) throws {
        self.init(batch: batch)
        self.hash = hash
        try judgeKeys(transaction, inserted: nil)
        let holds = Set(enders.map { batch.jobs[$0].hold!.id }).sorted()
        // Both rows are never changed, so what one transaction wrote has one xmin.
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
            ends[id] = HoldEnd(rawValue: how)
            if isOfThisBatch, let index = enders.first(where: { batch.jobs[$0].hold!.id == id }) {
                firstEnders.insert(index)
            }
        }
        settleCharges()
        let ids = charges.values.joined().compactMap {
            if case .window(let id) = $0.target { id } else { nil as Int64? }
        }
        windows = try WindowRows.facts(Set(ids).sorted(), replicaID: batch.replicaID, transaction).map {
            CommittedBatch.Window(
                windowID: $0.windowID, limit: $0.limit, spent: $0.spent, leased: $0.leased, revision: $0.revision)
        }
        // Deliveries of alerts it may have caused are looked for at once rather than at the next round.
        didCrossThreshold = true
    }
}
