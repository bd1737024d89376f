import Accounting
import Postgres

/// The outbox of threshold crossings: written when they happen, delivered later.
enum AlertOutbox {
    struct Crossing {
        let budgetNumber: Int64
        let windowID: Int64
        let threshold: Fraction
        let spent: Int64
        let limit: Int64
    }

    /// Writes the crossings that the outbox does not have yet. Returns whether any of them was new.
    static func write(_ crossings: [Crossing], _ transaction: borrowing Transaction) throws -> Bool {
        guard !crossings.isEmpty else { return false }
        let written = try transaction.query(
            write(
                """
                SELECT * FROM unnest(\(crossings.map(\.budgetNumber)), \(crossings.map(\.windowID)),
                    \(crossings.map(\.threshold.millionths)), \(crossings.map(\.spent)), \(crossings.map(\.limit)))
                """))
        return try written[0].decode(Int64.self, at: 0) > 0
    }

    /// Writes the crossings that a query finds and the outbox does not have yet, with a delivery for each channel of
    /// the budget's team. The statement returns how many were new.
    ///
    /// - Parameter crossings: rows of budget number, window id, threshold in millionths, spent, limit.
    static func write(_ crossings: SQL) -> SQL {
        """
        WITH crossed AS (
            INSERT INTO alert (budget_number, window_id, threshold_millionths, spent, limit_amount)
            \(sql: crossings)
            ON CONFLICT DO NOTHING
            RETURNING alert_id, budget_number
        ), addressed AS (
            INSERT INTO alert_delivery (alert_id, channel)
            SELECT c.alert_id, a.name
            FROM crossed c JOIN budget b USING (budget_number) JOIN alert_channel a ON a.team = b.team
        )
        SELECT count(*) FROM crossed
        """
    }

    /// Writes the crossing of 100% for exhausted windows. A hard budget denies calls before its limit is reached to the
    /// last nanodollar, so its spending may never cross 100%. Returns whether any crossing was new.
    static func writeExhausted(_ windows: [Int64], _ connection: Connection) throws -> Bool {
        let written = try connection.transaction { transaction in
            try transaction.query(
                write(
                    """
                    SELECT w.budget_number, w.window_id, \(Fraction.whole.millionths), w.spent, w.limit_amount
                    FROM budget_window w JOIN budget b USING (budget_number)
                    WHERE w.window_id = ANY(\(windows)) AND \(Fraction.whole.millionths) = ANY(b.alert_at_millionths)
                    """))
        }
        return try written[0].decode(Int64.self, at: 0) > 0
    }
}
