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
        case .duplicate(let receipt), .conflict(let receipt): receipt.entryID
        case .overflow, .outdated, .ending: nil
        }
    }

    /// Records expired holds as unsettled, because the provider may have billed their calls all the same.
    var unsettled: SQL? {
        let expired = zip(batch.jobs, isFirstEnd).compactMap { job, isFirst -> Hold? in
            if isFirst, case .end(let hold, .expired, _) = job { hold } else { nil }
        }
        guard !expired.isEmpty else { return nil }
        return """
            INSERT INTO unsettled (kind, replica_id, hold_number, team, feature, request_id, model, authorized_at, amount)
            SELECT 'hold', * FROM unnest(\(expired.map(\.id.replicaID)), \(expired.map(\.id.number)),
                \(expired.map(\.who.team)), \(expired.map(\.who.feature)), \(expired.map(\.requestID)),
                \(expired.map(\.model.model)), \(expired.map(\.authorizedAt)),
                \(expired.map { $0.estimate?.nanodollars }))
            ON CONFLICT DO NOTHING
            """
    }
}
