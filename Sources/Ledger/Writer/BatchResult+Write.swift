import Accounting
import Postgres

extension BatchResult {
    /// All statements that write the batch. They are sent together with the commit.
    func write(_ known: BatchReadSet) -> LastStatements<(CommittedBatch, KnownUsers)> {
        let statements = BatchStatements(self, known)
        return LastStatements(statements) { rows in
            let changed = try statements.windows.map { try WindowChanges.decode(rows[$0]) } ?? []
            let crossings = try statements.crossings.map { try rows[$0][0].decode(Int64.self, at: 0) } ?? 0
            let waited: Int64 = try statements.locks.reduce(0) { $0 + (try rows[$1][0].decode(at: 0)) }
            let didMeetOthers = try statements.freeLock.map { try rows[$0][0].decode(Bool.self, at: 0) } ?? false
            let committed = committed(
                windows: changed, didCrossThreshold: crossings > 0, didMeetOthers: didMeetOthers,
                lockWaitMicroseconds: waited, hash: statements.hash)
            return (committed, known.users)
        }
    }

    func chainLink(_ hash: [UInt8]) -> SQL {
        """
        INSERT INTO batch (replica_id, number, entry_count, first_entry_id, last_entry_id, hash)
        VALUES (\(batch.replicaID), \(batch.number), \(Int64(entries.count)), \(entries.first?.entryID),
            \(entries.last?.entryID), \(hash))
        """
    }

    var rawUsage: SQL? {
        let raw = entries.filter { $0.posting.entry.usage.raw != nil }
        guard !raw.isEmpty else { return nil }
        return """
            INSERT INTO raw_usage (entry_id, booking_month, content)
            SELECT * FROM unnest(\(raw.map(\.entryID)), \(raw.map(\.bookingMonth.firstDay)), \(raw.map(\.posting.entry.usage.raw)))
            """
    }

    /// Records the agreement that each entry was rated under.
    var agreements: SQL? {
        let agreed = entries.filter { $0.posting.entry.rated.agreement != nil }
        guard !agreed.isEmpty else { return nil }
        // PostgreSQL has no array of arrays of different lengths, so each list of ids is sent as text and cast to an
        // array.
        let priceIDs = agreed.map { booked in
            booked.posting.entry.rated.agreedLines.map { lines in
                "{" + lines.map { $0.rate.map { String($0.priceID) } ?? "NULL" }.joined(separator: ",") + "}"
            }
        }
        return """
            INSERT INTO entry_agreement (entry_id, booking_month, agreement_id, price_ids)
            SELECT entry_id, booking_month, agreement_id, price_ids::bigint[]
            FROM unnest(\(agreed.map(\.entryID)), \(agreed.map(\.bookingMonth.firstDay)),
                \(agreed.map { $0.posting.entry.rated.agreement!.id }), \(priceIDs))
                AS a(entry_id, booking_month, agreement_id, price_ids)
            """
    }

    /// Keeps what was told of entries beside their cost, the passes of those that had several, and which import has brought
    /// them.
    var notes: SQL? {
        let noted = entries.filter { $0.posting.entry.hasNote }
        guard !noted.isEmpty else { return nil }
        let passes = noted.map { booked -> String? in
            let lines = booked.posting.entry.rated.lines
            guard lines.contains(where: { $0.passTokens > 0 }) else { return nil }
            return "{" + lines.map { String($0.passTokens) }.joined(separator: ",") + "}"
        }
        return """
            INSERT INTO entry_note (entry_id, booking_month, warnings, pass_tokens, usage_batch)
            SELECT entry_id, booking_month, warnings::jsonb, pass_tokens::bigint[], usage_batch
            FROM unnest(\(noted.map(\.entryID)), \(noted.map(\.bookingMonth.firstDay)),
                \(noted.map { $0.posting.entry.warnings.json }), \(passes), \(noted.map(\.posting.entry.usageBatch)))
                AS n(entry_id, booking_month, warnings, pass_tokens, usage_batch)
            """
    }

    // MARK: Ids

    /// Claims the ids of all accepted entries, but for those that replaced ones have.
    var keys: SQL? {
        if replaced.isEmpty { return Self.insertKeys(entries) }
        let replacing = replacingEntryIDs
        return Self.insertKeys(entries.filter { !replacing.contains($0.entryID) })
    }

    /// Gives the ids of replaced entries to those that take their place.
    var replacedKeys: SQL? {
        if replaced.isEmpty { return nil }
        let replacing = replacingEntryIDs
        return Self.insertKeys(entries.filter { replacing.contains($0.entryID) }).map {
            $0 + """
                 ON CONFLICT (owner, id) DO UPDATE SET digest = excluded.digest, said_digest = excluded.said_digest,
                    entry_id = excluded.entry_id, cost_nanodollars = excluded.cost_nanodollars,
                    overrun_nanodollars = excluded.overrun_nanodollars, model = excluded.model,
                    recorded_at = excluded.recorded_at, is_estimated = false
                """
        }
    }

    private var replacingEntryIDs: Set<Int64> { Set(replaced.keys.lazy.map(batch.entryID(ofJob:))) }

    private static func insertKeys(_ entries: [BookedEntry]) -> SQL? {
        if entries.isEmpty { return nil }
        let sorted = entries.map { (key: $0.key, posting: $0.posting, entryID: $0.entryID) }
            .sorted { $0.key < $1.key }
        return insertKeys(
            sorted.map(\.key), said: sorted.map(\.posting.digest), resolved: sorted.map(\.posting.resolvedDigest),
            sorted.map { Receipt(of: $0.posting, entryID: $0.entryID) },
            areEstimated: sorted.map { $0.posting.entry.kind == .estimated })
    }

    /// Keeps the ids that other teams' events have as long as the entries of this batch that use them too. Without them,
    /// a retry would not be known for one. The row is written again, because it may just have been deleted.
    var keptKeys: SQL? {
        guard !sharedKeys.isEmpty else { return nil }
        let sorted = sharedKeys.sorted { $0.key < $1.key }
        return Self.insertKeys(
            sorted.map(\.key), said: sorted.map(\.value.saidDigest), resolved: sorted.map(\.value.resolvedDigest),
            sorted.map(\.value.receipt), areEstimated: sorted.map(\.value.isEstimated))
            + " ON CONFLICT (owner, id) DO UPDATE SET recorded_at = excluded.recorded_at"
    }

    private static func insertKeys(
        _ keys: [EntryKey], said: [[UInt8]?], resolved: [[UInt8]], _ receipts: [Receipt], areEstimated: [Bool]
    ) -> SQL {
        """
        INSERT INTO entry_key (owner, id, digest, said_digest, entry_id, cost_nanodollars, overrun_nanodollars, model,
            is_estimated)
        SELECT * FROM unnest(\(keys.map(\.owner)), \(keys.map(\.id)), \(resolved), \(said),
            \(receipts.map(\.entryID)), \(receipts.map(\.cost?.nanodollars)), \(receipts.map(\.overrun.nanodollars)),
            \(receipts.map(\.model)), \(areEstimated))
        """
    }
}
