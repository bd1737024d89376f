import Accounting
import Postgres

extension BatchResult {
    /// Adds the accepted entries to their daily sums.
    var rollups: SQL? {
        var sums: [RollupKey: RollupSums] = [:]
        for booked in entries { sums[RollupKey(booked), default: RollupSums()].add(booked.posting.entry) }
        return sums.isEmpty ? nil : RollupRows.add(sums.sorted { $0.key < $1.key })
    }

    /// Adds the verdicts counted since they were last written.
    var verdictCounts: SQL? {
        let tallies = batch.tallies
        guard !tallies.isEmpty else { return nil }
        return """
            INSERT INTO verdict_count (day, team, feature, requested_model, provider, model, verdict, reason, calls)
            SELECT * FROM unnest(\(tallies.map(\.key.day)), \(tallies.map(\.key.team)),
                \(tallies.map { $0.key.feature ?? "" }), \(tallies.map(\.key.requestedModel)),
                \(tallies.map { $0.key.servedModel?.provider ?? "" }), \(tallies.map { $0.key.servedModel?.model ?? "" }),
                \(tallies.map(\.key.verdict.rawValue)), \(tallies.map { $0.key.reason?.rawValue ?? "" }),
                \(tallies.map(\.calls)))
            ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
            ON CONFLICT (day, team, feature, requested_model, provider, model, verdict, reason)
            DO UPDATE SET calls = verdict_count.calls + excluded.calls
            """
    }
}
