import Accounting
import Postgres

extension BatchResult {
    /// Gives every window that an accepted entry charges a row, and the entry its window ids.
    mutating func openWindows(_ transaction: borrowing Transaction) throws {
        let accepted = accepted
        let keys = Set(
            accepted.flatMap { charges[$0] ?? [] }.compactMap { charge -> WindowKey? in
                if case .unopened(let key) = charge.target { key } else { nil }
            })
        let opened = try WindowRows.open(keys, transaction)
        for index in accepted { name(opened, of: index) }
    }

    /// Names the windows that the charges of a job were opened as, and those that its entry charges.
    package mutating func name(_ opened: [WindowKey: Int64], of index: Int) {
        charges[index] = charges[index]!.map { charge in
            guard case .unopened(let key) = charge.target, let id = opened[key] else { return charge }
            return WindowCharge(
                target: .window(id), isCounted: true, spent: charge.spent, leaseRelease: charge.leaseRelease)
        }
        entries[index]!.windowIDs = charges[index]!.compactMap { charge in
            if case .window(let id) = charge.target, charge.isCounted { id } else { nil }
        }.sorted()
    }

    mutating func writeEntries(_ transaction: borrowing Transaction) throws {
        let accepted = accepted
        guard !accepted.isEmpty else { return }
        rows = accepted.map { index in
            var row = BinaryRow()
            for column in LedgerEntry.columns { column.append(entries[index]!, &row) }
            return row.bytes
        }
        try transaction.copy(into: "ledger", columns: LedgerEntry.columnNames) { copy throws in
            for row in rows { try copy.append(row: row, columnCount: LedgerEntry.columns.count) }
        }
        let raw = accepted.filter { entries[$0]!.usage.raw != nil }
        guard !raw.isEmpty else { return }
        try transaction.copy(into: "raw_usage", columns: ["entry_id", "booking_month", "content"]) { copy throws in
            for index in raw {
                try copy.beginRow(columnCount: 3)
                copy.append(entries[index]!.entryID)
                copy.append(entries[index]!.bookingMonth.firstDay)
                copy.append(entries[index]!.usage.raw)
            }
        }
    }

    /// Ends the chain of this batch: a hash over the one before it and every row as PostgreSQL has it.
    mutating func writeChain(_ transaction: borrowing Transaction) throws {
        var chain = HashChain(after: batch.previousHash)
        for row in rows { chain.add(row) }
        hash = chain.end()
        let ids = accepted.map { entries[$0]!.entryID }
        try transaction.execute(
            """
            INSERT INTO batch (replica_id, number, entry_count, first_entry_id, last_entry_id, hash)
            VALUES (\(batch.replicaID), \(batch.number), \(Int64(ids.count)), \(ids.first), \(ids.last), \(hash))
            """)
    }
}
