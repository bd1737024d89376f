import Accounting
import Postgres

/// What the users of a team, or of all teams, have cost since a moment. Daily sums do not know users, so these are the sums
/// for scopes, and the ledger's entries behind their fences.
struct UserSpending {
    let team: String?
    let start: Timestamp

    /// As many rows as are added up within a second or so. Where every call has a run of its own, there are as many sums as
    /// calls.
    static let maximumRows: Int64 = 500_000

    /// Those that cost most; nil where there are too many rows.
    func top(maximumRows: Int64 = maximumRows, _ transaction: borrowing Transaction) throws -> [Spender]? {
        let fences = try ScopeSums.fences(transaction)
        let rows = try transaction.query(
            """
            WITH part AS MATERIALIZED (
                SELECT * FROM (
                    (\(sql: summed)) UNION ALL (\(sql: behind(fences)))
                ) p LIMIT \(maximumRows + 1)
            ), users AS (
                SELECT p.name, sum(calls)::bigint AS calls, sum(cost)::numeric AS cost
                FROM part JOIN person p USING (user_id) WHERE p.name IS NOT NULL
                GROUP BY p.name ORDER BY 3 DESC, 2 DESC, 1 LIMIT \(SpendingStatus.mostSpenders)
            )
            SELECT name, '' AS provider, calls, cost, n FROM (SELECT count(*) AS n FROM part) c LEFT JOIN users ON true
            ORDER BY cost DESC, calls DESC, name
            """)
        guard try rows[0].decode(Int64.self, named: "n") <= maximumRows else { return nil }
        return try rows.filter { try $0.decode(String?.self, named: "name") != nil }.map { try Spender($0) }
    }

    private var summed: SQL {
        """
        SELECT user_id, calls, cost_nanodollars AS cost FROM scope_sum
        WHERE is_fine AND slot >= \(start)
        """ + SpendingStatus.calls(of: team)
    }

    private func behind(_ fences: [(replicaID: Int64, entryID: Int64)]) -> SQL {
        """
        SELECT COALESCE(l.user_id, 0), \(unescaped: LedgerEntry.Kind.calls),
            COALESCE(l.effective_cost_nanodollars, 0)
        FROM unnest(\(fences.map(\.replicaID)), \(fences.map(\.entryID))) AS f(replica_id, entry_id)
        JOIN ledger l ON l.entry_id > f.entry_id AND l.entry_id < (f.replica_id + 1) << 40
        WHERE l.occurred_at >= \(start)
        """ + SpendingStatus.calls(of: team)
    }
}
