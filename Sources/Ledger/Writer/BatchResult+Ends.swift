import Accounting
import Postgres

extension BatchResult {
    /// The hold outcome rows of the holds that this batch ends.
    var outcomeRows: SQL? {
        let ends = zip(batch.jobs, isFirstEnd).enumerated()
            .compactMap { index, pair in pair.1 ? pair.0.hold.map { (id: $0.id, job: index) } : nil }
            .sorted { $0.id < $1.id }
        guard !ends.isEmpty else { return nil }
        return """
            INSERT INTO hold_end (replica_id, hold_number, how, ended_by, entry_id)
            SELECT e.replica_id, e.hold_number, e.how, \(batch.replicaID), e.entry_id
            FROM unnest(\(ends.map(\.id.replicaID)), \(ends.map(\.id.number)),
                \(ends.map { batch.jobs[$0.job].how.rawValue }), \(ends.map { entryID(thatEndsIn: $0.job) }))
                AS e(replica_id, hold_number, how, entry_id)
            """
    }

    private func entryID(thatEndsIn index: Int) -> Int64? {
        switch dispositions[index] {
        case .accepted: batch.entryID(ofJob: index)
        case .duplicate(let receipt), .conflict(let receipt, _): receipt.entryID
        case .overflow, .outdated, .ending, .extended: nil
        }
    }

    /// Records expired holds as unsettled, because the provider may have billed their calls all the same.
    var unsettled: SQL? {
        var expired: [Hold] = []
        var estimated: [(entryID: Int64, cost: Money?)?] = []
        for (index, job) in batch.jobs.enumerated() where isFirstEnd[index] && job.how == .expired {
            guard let hold = job.hold else { continue }
            expired.append(hold)
            if case .accepted = dispositions[index] {
                estimated.append((batch.entryID(ofJob: index), job.posting?.entry.rated.cost))
            } else {
                estimated.append(nil)
            }
        }
        guard !expired.isEmpty else { return nil }
        return """
            INSERT INTO unsettled (kind, replica_id, hold_number, team, feature, request_id, model, authorized_at, amount,
                estimated_entry_id, estimated_nanodollars)
            SELECT 'hold', * FROM unnest(\(expired.map(\.id.replicaID)), \(expired.map(\.id.number)),
                \(expired.map(\.who.team)), \(expired.map(\.who.feature)), \(expired.map(\.requestID)),
                \(expired.map(\.model.model)), \(expired.map(\.authorizedAt)),
                \(expired.map { $0.estimate?.nanodollars }), \(estimated.map { $0?.entryID }),
                \(estimated.map { $0?.cost?.nanodollars }))
            ON CONFLICT DO NOTHING
            """
    }

    /// Notes by which entry a call is accounted for after all whose hold had expired.
    var settledLate: SQL? {
        let late = batch.jobs.indices.flatMap { index -> [(id: HoldID, entryID: Int64)] in
            guard case .record(let posting, _) = batch.jobs[index], let entryID = entryID(thatEndsIn: index) else {
                return []
            }
            // Another hold of the same request may have expired.
            let holds = [posting.hold.map(\.id).flatMap { hasExpired($0) ? $0 : nil }, replaced[index]?.hold]
            return Set(holds.compactMap(\.self)).map { ($0, entryID) }
        }.sorted { $0.id < $1.id }
        guard !late.isEmpty else { return nil }
        return """
            UPDATE unsettled u SET entry_id = e.entry_id
            FROM unnest(\(late.map(\.id.replicaID)), \(late.map(\.id.number)), \(late.map(\.entryID)))
                AS e(replica_id, hold_number, entry_id)
            WHERE u.replica_id = e.replica_id AND u.hold_number = e.hold_number
            """
    }
}
