import Accounting
import Postgres

/// Charges to windows that wait beside the windows' rows (`uncollected_charge`), because another transaction had the row
/// locked. No batch waits for a row that many replicas charge, so grants wait for one commit at most.
///
/// What a charge spends has left a lease, so what is free in a window stays the same or grows. A charge that takes more
/// than that waits for the row.
package enum ChargeCollection {
    static let windowsAPortion = 500

    /// Leaves amounts that a replica gives back to windows beside their rows.
    static func giveBack(_ windows: [Int64], _ amounts: [Int64], _ replicaID: Int64) -> SQL {
        """
        INSERT INTO uncollected_charge (window_id, replica_id, spent, taken)
        SELECT window_id, \(replicaID), 0, amount FROM unnest(\(windows), \(amounts)) AS g(window_id, amount)
        ORDER BY window_id
        ON CONFLICT (window_id, replica_id) DO UPDATE SET taken = uncollected_charge.taken + excluded.taken
        """
    }

    /// Adds the charges of some windows to their rows, and writes the thresholds that the rows pass with it. Leaves out
    /// what others have locked. Returns the number of windows that have charges, at most `windowsAPortion`.
    package static func collect(_ connection: Connection) throws -> Int {
        try connection.transaction { transaction in
            let charged = try transaction.query(
                "SELECT DISTINCT window_id FROM uncollected_charge ORDER BY window_id LIMIT \(Int64(windowsAPortion))"
            ).map { try $0.decode(Int64.self, at: 0) }
            guard !charged.isEmpty else { return 0 }
            let windows = try transaction.query(
                """
                SELECT window_id FROM budget_window WHERE window_id = ANY(\(charged)) ORDER BY window_id
                FOR NO KEY UPDATE SKIP LOCKED
                """
            ).map { try $0.decode(Int64.self, at: 0) }
            let collected = try transaction.query(
                """
                WITH free AS (
                    SELECT window_id, replica_id FROM uncollected_charge WHERE window_id = ANY(\(windows))
                    FOR UPDATE SKIP LOCKED
                ), charge AS (
                    DELETE FROM uncollected_charge u USING free f
                    WHERE u.window_id = f.window_id AND u.replica_id = f.replica_id
                    RETURNING u.window_id, u.spent, u.taken
                ), total AS (
                    SELECT window_id, sum(spent)::bigint AS spent, sum(taken)::bigint AS taken FROM charge GROUP BY 1
                )
                UPDATE budget_window w
                SET spent = w.spent + t.spent, leased = w.leased - t.taken, revision = w.revision + 1
                FROM total t WHERE w.window_id = t.window_id
                RETURNING w.window_id, t.spent
                """
            ).map { try $0.decode((Int64, Int64).self) }
            try transaction.execute(alerts(collected))
            return charged.count
        }
    }

    /// Two batches that charge at once do not see each other, and may cross a threshold only together.
    private static func alerts(_ collected: [(windowID: Int64, spent: Int64)]) -> SQL {
        AlertOutbox.write(
            .crossed,
            """
            SELECT budget_number, window_id, t.millionths, w.spent, w.limit_amount
            FROM unnest(\(collected.map(\.windowID)), \(collected.map(\.spent))) AS c(window_id, spent)
            JOIN budget_window w USING (window_id) JOIN budget b USING (budget_number)
            CROSS JOIN LATERAL unnest(b.alert_at_millionths) AS t(millionths)
            WHERE b.removed_at IS NULL
                AND \(sql: AlertOutbox.isPassed(from: "w.spent - c.spent", to: "w.spent", "w.limit_amount"))
            """)
    }
}
