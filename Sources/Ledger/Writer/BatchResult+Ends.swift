import Accounting
import Postgres

extension BatchResult {
    /// Writes the terminal rows; of several ends of one hold the first counts, here and over all replicas.
    mutating func writeEnds(_ transaction: borrowing Transaction) throws {
        try claimEnds(transaction)
        settleCharges()
        try writeUnsettled(transaction)
    }

    private mutating func claimEnds(_ transaction: borrowing Transaction) throws {
        var first: [HoldID: Int] = [:]
        for index in enders where first[batch.jobs[index].hold!.id] == nil { first[batch.jobs[index].hold!.id] = index }
        guard !first.isEmpty else { return }
        let sorted = first.sorted { $0.key < $1.key }
        let replicas = sorted.map(\.key.replicaID)
        let numbers = sorted.map(\.key.number)
        let hows = sorted.map { how(batch.jobs[$0.value]).rawValue }
        let entryIDs = sorted.map { entryID(of: $0.value) }
        let me = batch.replicaID
        let inserted = try transaction.query(
            """
            INSERT INTO hold_end (replica_id, hold_number, how, ended_by, entry_id)
            SELECT replica_id, hold_number, how, \(me), entry_id
            FROM unnest(\(replicas), \(numbers), \(hows), \(entryIDs)) AS e(replica_id, hold_number, how, entry_id)
            ORDER BY replica_id, hold_number
            ON CONFLICT DO NOTHING
            RETURNING replica_id, hold_number
            """)
        for row in inserted {
            let (replica, number) = try row.decode((Int64, Int64).self)
            let id = HoldID(replicaID: replica, number: number)
            firstEnders.insert(first[id]!)
            ends[id] = how(batch.jobs[first[id]!])
        }
        if inserted.count < sorted.count { try readEnds(transaction, replicas, numbers) }
    }

    /// Reads how the holds of this batch ended.
    mutating func readEnds(_ transaction: borrowing Transaction, _ replicas: [Int64], _ numbers: [Int64]) throws {
        for row in try transaction.query(
            """
            SELECT e.replica_id, e.hold_number, e.how FROM hold_end e
            JOIN unnest(\(replicas), \(numbers)) AS w(replica_id, hold_number)
                ON e.replica_id = w.replica_id AND e.hold_number = w.hold_number
            """)
        {
            let (replica, number, how) = try row.decode((Int64, Int64, String).self)
            ends[HoldID(replicaID: replica, number: number)] = HoldEnd(rawValue: how)
        }
    }

    /// What each job takes from leases and windows, now that it is known which ends counted.
    package mutating func settleCharges() {
        for index in batch.jobs.indices {
            let isFirst = firstEnders.contains(index)
            switch standings[index] {
            case .accepted where isFirst || batch.jobs[index].hold == nil: continue
            case .accepted: charges[index] = charges[index]!.map { $0.releasing(0) }
            case .conflict: charges[index] = []
            case .ending: charges[index] = isFirst ? charges[index]! : []
            case .duplicate:
                // The entry is there already: what this hold set aside is given up, and nothing is charged again.
                let hold = batch.jobs[index].hold
                let isRemote = hold?.id.replicaID != batch.replicaID
                charges[index] = (isFirst ? hold?.charges ?? [] : []).map {
                    WindowCharge(
                        target: .window($0.windowID), isCounted: false, spent: 0,
                        leaseRelease: isRemote && $0.isLeased ? $0.amount : 0)
                }
            }
        }
    }

    private func entryID(of index: Int) -> Int64? {
        switch standings[index] {
        case .accepted: entries[index]!.entryID
        case .duplicate(let receipt), .conflict(let receipt): receipt.entryID
        case .ending: nil
        }
    }

    /// A hold that expired may have been billed by the provider all the same.
    private func writeUnsettled(_ transaction: borrowing Transaction) throws {
        let expired = firstEnders.sorted().compactMap { index -> Hold? in
            if case .end(let hold, .expired, _) = batch.jobs[index] { hold } else { nil }
        }
        guard !expired.isEmpty else { return }
        let rows = SQL(
            """
            unnest(\(expired.map(\.id.replicaID)), \(expired.map(\.id.number)), \(expired.map(\.who.team)),
                \(expired.map(\.who.feature)), \(expired.map(\.requestID)), \(expired.map(\.model.model)),
                \(expired.map(\.authorizedAt)), \(expired.map { $0.estimate?.nanodollars }))
            """)
        try transaction.execute(
            """
            INSERT INTO unsettled (kind, replica_id, hold_number, team, feature, request_id, model, authorized_at, amount)
            SELECT 'hold', * FROM
            """ + " " + rows + " ON CONFLICT DO NOTHING")
    }
}

extension WindowCharge {
    func releasing(_ leaseRelease: Int64) -> WindowCharge {
        WindowCharge(target: target, isCounted: isCounted, spent: spent, leaseRelease: leaseRelease)
    }
}
