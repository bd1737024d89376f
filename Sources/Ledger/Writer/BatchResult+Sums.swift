import Accounting
import Postgres

extension BatchResult {
    /// Locks the daily sums of the accepted entries, then adds the entries to them.
    var rollups: (lock: SQL, add: SQL)? {
        if entries.isEmpty { return nil }
        var sums: [RollupKey: RollupSums] = [:]
        for booked in entries { sums[RollupKey(booked), default: RollupSums()].add(booked.posting) }
        let sorted = sums.sorted { $0.key < $1.key }
        return (RollupRows.lock(sorted.map(\.key)), RollupRows.add(sorted))
    }

    /// Adds the verdicts that were counted since the last write.
    var verdictCounts: SQL? {
        let verdictCounts = batch.verdictNotes.counts
        guard !verdictCounts.isEmpty else { return nil }
        return """
            INSERT INTO verdict_count (day, team, feature, requested_model, provider, model, verdict, reason, calls)
            SELECT * FROM unnest(\(verdictCounts.map(\.key.day)), \(verdictCounts.map(\.key.team)),
                \(verdictCounts.map { $0.key.feature ?? "" }), \(verdictCounts.map(\.key.requestedModel)),
                \(verdictCounts.map { $0.key.servedModel?.provider ?? "" }), \(verdictCounts.map { $0.key.servedModel?.model ?? "" }),
                \(verdictCounts.map(\.key.verdict.rawValue)), \(verdictCounts.map { $0.key.reason?.rawValue ?? "" }),
                \(verdictCounts.map(\.calls)))
            ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
            ON CONFLICT (day, team, feature, requested_model, provider, model, verdict, reason)
            DO UPDATE SET calls = verdict_count.calls + excluded.calls
            """
    }

    /// Adds the verdict log of the time since the last write. Its users are named by their numbers alone.
    func verdictPages(_ users: KnownUsers) -> SQL? {
        let pages = batch.verdictNotes.pages
        guard !pages.isEmpty else { return nil }
        let numbers = pages.map { page in
            "{" + page.users.map { String(users.ids[$0] ?? 0) }.joined(separator: ",") + "}"
        }
        return """
            INSERT INTO verdict_page (replica_id, number, first_at, last_at, calls, user_ids, content)
            SELECT p.replica_id, p.number, p.first_at, p.last_at, p.calls, p.user_ids::bigint[], p.content
            FROM unnest(\(pages.map(\.replicaID)), \(pages.map(\.number)), \(pages.map(\.first)), \(pages.map(\.last)),
                \(pages.map(\.callCount)), \(numbers), \(pages.map(\.content)))
                AS p(replica_id, number, first_at, last_at, calls, user_ids, content)
            """
    }
}
