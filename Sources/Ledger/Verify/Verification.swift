import Accounting
import Postgres

/// A claim that `purser verify` checks, and the result of the check.
package struct IntegrityCheck: Sendable {
    package let claim: String
    /// How many rows were checked.
    package let checked: Int
    /// The first few rows that violate the claim, in words.
    package let problems: [String]
}

/// Checks, in one snapshot, that the ledger is complete and unaltered, and that all figures finance reads are sums of
/// it.
package enum Verification {
    static let maximumProblems = 10

    package static func run(_ connection: Connection) throws -> [IntegrityCheck] {
        try connection.transaction(isolation: .repeatableRead, readOnly: true) { transaction in
            var findings = try LedgerScan.run(transaction)
            findings.append(try rollups(transaction))
            findings.append(try windows(transaction))
            findings.append(try leases(transaction))
            findings.append(try keys(transaction))
            findings.append(try credits(transaction))
            return findings
        }
    }

    private static func rollups(_ transaction: borrowing Transaction) throws -> IntegrityCheck {
        let keys = RollupRows.keyColumns.joined(separator: ", ")
        let names = RollupSums.columns.map(\.name).joined(separator: ", ")
        let sums = RollupSums.columns.map { "sum((\($0.sql))::numeric)" }.joined(separator: ", ")
        let checked: Int64 = try transaction.query("SELECT count(*) FROM rollup")[0].decode(at: 0)
        let rows = try transaction.query(
            """
            WITH summed AS (
                SELECT booking_month, day, team, COALESCE(feature, '') AS feature, provider, model, service_tier, status,
                    '' AS tag_1, '' AS tag_2, '' AS tag_3, '' AS tag_4, \(unescaped: sums)
                FROM ledger l GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
            ), kept AS (SELECT \(unescaped: keys), \(unescaped: names) FROM rollup)
            SELECT 'the sums of ' || team || ' on ' || day || ' for ' || model || ' are not the ledger''s'
            FROM ((TABLE summed EXCEPT TABLE kept) UNION ALL (TABLE kept EXCEPT TABLE summed)) d
            LIMIT \(Int64(maximumProblems))
            """)
        return IntegrityCheck(
            claim: "every daily sum is the sum of its entries", checked: Int(checked), problems: try texts(rows))
    }

    private static func windows(_ transaction: borrowing Transaction) throws -> IntegrityCheck {
        let checked: Int64 = try transaction.query("SELECT count(*) FROM budget_window")[0].decode(at: 0)
        let rows = try transaction.query(
            """
            WITH charged AS (
                SELECT u.window_id, sum(CASE b.unit
                    WHEN 'usd' THEN COALESCE(l.effective_cost_nanodollars, 0)
                    WHEN 'tokens' THEN l.input_tokens::numeric + l.output_tokens
                    ELSE CASE WHEN l.kind = 'usage' THEN 1 ELSE 0 END END) AS amount
                FROM ledger l, unnest(l.window_ids) AS u(window_id)
                JOIN budget_window w USING (window_id) JOIN budget b USING (budget_number)
                GROUP BY 1)
            SELECT 'window ' || w.window_id || ' of ' || b.id || ' says ' || w.spent || ', its entries '
                || w.opening_spent + COALESCE(c.amount, 0)
            FROM budget_window w JOIN budget b USING (budget_number) LEFT JOIN charged c USING (window_id)
            WHERE w.spent <> w.opening_spent + COALESCE(c.amount, 0)
            LIMIT \(Int64(maximumProblems))
            """)
        return IntegrityCheck(
            claim: "every budget window has spent what its entries cost", checked: Int(checked),
            problems: try texts(rows))
    }

    private static func leases(_ transaction: borrowing Transaction) throws -> IntegrityCheck {
        let checked: Int64 = try transaction.query("SELECT count(*) FROM lease")[0].decode(at: 0)
        let rows = try transaction.query(
            """
            SELECT 'window ' || w.window_id || ' has ' || w.leased || ' leased, its leases ' || COALESCE(l.amount, 0)
            FROM budget_window w LEFT JOIN (SELECT window_id, sum(amount) AS amount FROM lease GROUP BY 1) l USING (window_id)
            WHERE w.leased <> COALESCE(l.amount, 0)
            LIMIT \(Int64(maximumProblems))
            """)
        return IntegrityCheck(
            claim: "what windows have leased is what replicas hold", checked: Int(checked), problems: try texts(rows))
    }

    private static func keys(_ transaction: borrowing Transaction) throws -> IntegrityCheck {
        let checked: Int64 = try transaction.query("SELECT count(*) FROM entry_key")[0].decode(at: 0)
        let rows = try transaction.query(
            """
            WITH entries AS (
                SELECT CASE WHEN hold_number IS NULL THEN 'source:' || source ELSE 'team:' || team END AS owner,
                    CASE WHEN hold_number IS NULL THEN 'source:' || source || ' ' || team END AS owner_of_team,
                    request_id AS id, entry_id, effective_cost_nanodollars AS cost
                FROM ledger WHERE kind = 'usage'
                UNION ALL
                SELECT 'entry:' || corrects_entry_id, NULL, attempt::text, entry_id, effective_cost_nanodollars
                FROM ledger WHERE kind = 'adjustment')
            SELECT 'the id ' || k.id || ' of ' || k.owner || ' was answered with an entry that is not there'
            FROM entry_key k LEFT JOIN entries e
                ON e.entry_id = k.entry_id AND e.id = k.id AND k.owner IN (e.owner, e.owner_of_team)
            WHERE e.entry_id IS NULL OR e.cost IS DISTINCT FROM k.cost_nanodollars
            UNION ALL
            SELECT 'the id ' || id || ' of ' || COALESCE(owner_of_team, owner) || ' has ' || count(*) || ' entries'
            FROM entries GROUP BY COALESCE(owner_of_team, owner), id HAVING count(*) > 1
            LIMIT \(Int64(maximumProblems))
            """)
        return IntegrityCheck(
            claim: "every id has one entry, with the cost that was answered", checked: Int(checked),
            problems: try texts(rows))
    }

    static func texts(_ rows: Rows) throws -> [String] { try rows.map { try $0.decode(String.self, at: 0) } }
}
