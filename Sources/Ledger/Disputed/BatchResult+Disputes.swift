import Accounting
import Postgres

extension BatchResult {
    /// Stores refused usage as disputed, because real money may be in it.
    var disputed: [SQL] {
        typealias Refused = (posting: Posting, key: EntryKey, committed: Receipt)
        let refused = zip(dispositions, batch.jobs).compactMap { disposition, job -> Refused? in
            guard case .conflict(let receipt, let key) = disposition, case .record(let posting, _) = job else {
                return nil
            }
            return (posting, key, receipt)
        }
        // Sorted, so that two batches with the same usage wait for each other in one order.
        return refused.sorted { left, right in
            if left.key != right.key { return left.key < right.key }
            return left.posting.digest.lexicographicallyPrecedes(right.posting.digest)
        }.map { posting, key, receipt in insertion(of: posting, under: key, besides: receipt) }
    }

    private func insertion(of posting: Posting, under key: EntryKey, besides receipt: Receipt) -> SQL {
        let entry = posting.entry
        let lines = entry.usage.quantities.lines
        return """
            INSERT INTO disputed (owner, id, digest, committed_entry_id, team, provider, model, meters, quantities,
                cost_nanodollars, occurred_at, feature, user_id, run, tag_keys, tag_values, requested_model, service_tier,
                region, status, attempt, provider_request_id, provider_cost_nanodollars, latency_milliseconds,
                quality_millionths, pass_tokens)
            VALUES (\(key.owner), \(key.id), \(posting.digest), \(receipt.entryID), \(entry.who.team),
                \(entry.model.provider), \(entry.model.model), \(lines.map(\.meter.name)), \(lines.map(\.quantity)),
                \(entry.rated.cost?.nanodollars), \(entry.occurredAt), \(entry.who.feature), \(userID(of: entry)),
                \(entry.who.run), \(entry.who.tags.map(\.key)), \(entry.who.tags.map(\.value)), \(entry.requestedModel),
                \(entry.tier.rawValue), \(entry.servedRegion), \(entry.status.rawValue), \(entry.attempt),
                \(entry.providerRequestID), \((entry.providerCost ?? entry.usage.providerCost)?.nanodollars),
                \(entry.latencyMilliseconds), \(entry.quality?.millionths), \(lines.map(\.passTokens)))
            ON CONFLICT DO NOTHING
            """
    }

    /// Notes which disputed usage is accepted now.
    var acceptedDisputes: SQL? {
        let accepted = batch.jobs.indices.compactMap { index -> (of: LedgerEntry.Acceptance, entryID: Int64)? in
            guard let acceptance = batch.jobs[index].posting?.entry.accepts else { return nil }
            switch dispositions[index] {
            case .accepted: return (acceptance, batch.entryID(ofJob: index))
            case .duplicate(let receipt): return (acceptance, receipt.entryID)
            case .conflict, .overflow, .outdated, .ending, .extended: return nil
            }
        }
        if accepted.isEmpty { return nil }
        return """
            UPDATE disputed d SET state = 'accepted', decided_by = a.author, decided_at = now(),
                decision_reason = a.reason, entry_id = a.entry_id
            FROM unnest(\(accepted.map(\.of.disputeNumber)), \(accepted.map(\.of.decision.author)),
                \(accepted.map(\.of.decision.reason)), \(accepted.map(\.entryID)))
                AS a(disputed_id, author, reason, entry_id)
            WHERE d.disputed_id = a.disputed_id AND d.state = 'open'
            """
    }
}
