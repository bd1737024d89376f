import Accounting
import Postgres

extension BatchResult {
    /// Claims the ids of all entries at once; those claimed before are duplicates or conflicts.
    mutating func writeKeys(_ transaction: borrowing Transaction) throws {
        let entries = entries.sorted { $0.key < $1.key }
        guard !entries.isEmpty else { return }
        let owners = entries.map(\.value.keyOwner)
        let ids = entries.map(\.value.requestID)
        let digests = entries.map { digest(of: $0.key) }
        let entryIDs = entries.map(\.value.entryID)
        let costs = entries.map { $0.value.rated.cost?.nanodollars }
        let overruns = entries.map(\.value.overrun.nanodollars)
        let models = entries.map(\.value.model.model)
        let inserted = try transaction.query(
            """
            INSERT INTO entry_key (owner, id, digest, entry_id, cost_nanodollars, overrun_nanodollars, model)
            SELECT * FROM unnest(\(owners), \(ids), \(digests), \(entryIDs), \(costs), \(overruns), \(models))
                AS k(owner, id, digest, entry_id, cost, overrun, model)
            ORDER BY owner, id, entry_id
            ON CONFLICT DO NOTHING
            RETURNING entry_id
            """)
        guard inserted.count < entries.count else { return }
        try judgeKeys(transaction, inserted: Set(inserted.map { try $0.decode(Int64.self, at: 0) }))
    }

    /// Tells accepted entries from duplicates and conflicts by the keys there are.
    mutating func judgeKeys(_ transaction: borrowing Transaction, inserted: Set<Int64>?) throws {
        let others = entries.filter { inserted?.contains($0.value.entryID) != true }
        let owners = others.map(\.value.keyOwner)
        let ids = others.map(\.value.requestID)
        var known: [String: (digest: [UInt8], receipt: Receipt)] = [:]
        for row in try transaction.query(
            """
            SELECT k.owner, k.id, k.digest, k.entry_id, k.cost_nanodollars, k.overrun_nanodollars, k.model
            FROM entry_key k JOIN unnest(\(owners), \(ids)) AS w(owner, id) ON k.owner = w.owner AND k.id = w.id
            """)
        {
            let (owner, id, digest, entryID, cost, overrun, model) = try row.decode(
                (String, String, [UInt8], Int64, Int64?, Int64, String).self)
            known["\(owner)\n\(id)"] = (
                digest,
                Receipt(
                    entryID: entryID, cost: cost.map(Money.init(nanodollars:)), overrun: Money(nanodollars: overrun),
                    model: model)
            )
        }
        for (index, entry) in others {
            guard let key = known["\(entry.keyOwner)\n\(entry.requestID)"], key.receipt.entryID != entry.entryID
            else { continue }
            let isSame = key.digest == digest(of: index)
            standings[index] = isSame ? .duplicate(key.receipt) : .conflict(key.receipt)
        }
    }

    package func digest(of index: Int) -> [UInt8] {
        if case .record(_, let digest, _) = batch.jobs[index] { digest } else { [] }
    }

    /// Keeps what was refused: real money may be in it.
    func writeDisputed(_ transaction: borrowing Transaction) throws {
        for (index, standing) in standings.enumerated() {
            guard case .conflict(let receipt) = standing, let entry = entries[index] else { continue }
            let lines = entry.usage.quantities.lines
            try transaction.execute(
                """
                INSERT INTO disputed (owner, id, digest, committed_entry_id, team, provider, model, meters, quantities,
                    cost_nanodollars, occurred_at)
                VALUES (\(entry.keyOwner), \(entry.requestID), \(digest(of: index)), \(receipt.entryID),
                    \(entry.who.team), \(entry.model.provider), \(entry.model.model), \(lines.map(\.meter.name)),
                    \(lines.map(\.quantity)), \(entry.rated.cost?.nanodollars), \(entry.occurredAt))
                ON CONFLICT DO NOTHING
                """)
        }
    }
}
