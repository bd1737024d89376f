import Accounting
import Postgres

extension BatchResult {
    /// Adds the accepted entries to their daily sums.
    func writeRollups(_ transaction: borrowing Transaction) throws {
        var sums: [RollupKey: RollupSums] = [:]
        for index in accepted {
            sums[RollupKey(entries[index]!), default: RollupSums()].add(entries[index]!)
        }
        guard !sums.isEmpty else { return }
        try RollupRows.add(sums.sorted { $0.key < $1.key }, transaction)
    }

    /// Adds the verdicts counted since the last batch.
    func writeTallies(_ transaction: borrowing Transaction) throws {
        let tallies = batch.tallies
        guard !tallies.isEmpty else { return }
        try transaction.execute(
            """
            INSERT INTO verdict_count (day, team, feature, requested_model, provider, model, verdict, reason, calls)
            SELECT * FROM unnest(\(tallies.map(\.key.day)), \(tallies.map(\.key.team)),
                \(tallies.map { $0.key.feature ?? "" }), \(tallies.map(\.key.requestedModel)),
                \(tallies.map { $0.key.servedModel?.provider ?? "" }), \(tallies.map { $0.key.servedModel?.model ?? "" }),
                \(tallies.map(\.key.verdict.rawValue)), \(tallies.map { $0.key.reason?.rawValue ?? "" }),
                \(tallies.map(\.calls)))
            ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
            ON CONFLICT (day, team, feature, requested_model, provider, model, verdict, reason)
            DO UPDATE SET calls = verdict_count.calls + excluded.calls
            """)
    }
}
