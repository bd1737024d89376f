import Accounting
import Postgres

/// Why there is an alert on a budget. Each kind has its own once-a-window rule, which begins anew when the limit is raised.
package enum AlertKind: String, Sendable {
    /// The spending has reached a share of the limit. Once a window and share.
    case crossed
    /// A hard budget has denied a call because too little was left. Once a window.
    case denied
}

/// The outbox of alerts: written when something happens, delivered later.
enum AlertOutbox {
    struct Crossing {
        let budgetNumber: Int64
        let windowID: Int64
        let threshold: Fraction
        let spent: Int64
        let limit: Int64
    }

    /// Another limit of a window that has spent so much.
    struct LimitChange {
        let windowID: Int64
        let spent: Int64
        let from: Int64
        let to: Int64
    }

    /// Writes the crossings that the outbox does not have yet. Returns whether any of them was new. Only a transaction
    /// that changes what is spent, or the limit, writes crossings: what an alert says was true when it was committed.
    static func write(_ crossings: [Crossing], _ transaction: borrowing Transaction) throws -> Bool {
        guard !crossings.isEmpty else { return false }
        let written = try transaction.query(
            write(
                .crossed,
                """
                SELECT * FROM unnest(\(crossings.map(\.budgetNumber)), \(crossings.map(\.windowID)),
                    \(crossings.map(\.threshold.millionths)), \(crossings.map(\.spent)), \(crossings.map(\.limit)))
                """))
        return try written[0].decode(Int64.self, at: 0) > 0
    }

    /// Writes the alerts that a query finds and the outbox does not have yet, with a delivery for each channel of the
    /// budget's team and of every team. The statement returns how many were new.
    ///
    /// - Parameter alerts: rows of budget number, window id, threshold in millionths (0 for a denial), spent, limit.
    static func write(_ kind: AlertKind, _ alerts: SQL) -> SQL {
        """
        WITH written AS (
            INSERT INTO alert (budget_number, window_id, threshold_millionths, spent, limit_amount, kind)
            SELECT *, \(kind.rawValue) FROM (\(sql: alerts)) AS found
            ON CONFLICT DO NOTHING
            RETURNING alert_id, budget_number
        ), addressed AS (
            INSERT INTO alert_delivery (alert_id, channel)
            SELECT w.alert_id, a.name
            FROM written w JOIN budget b USING (budget_number) JOIN alert_channel a ON a.team IN (b.team, '')
        )
        SELECT count(*) FROM written
        """
    }

    /// Lets alerts of windows be told again that the new limit makes untrue: shares that are no longer reached, and denials
    /// once there is more to spend than before.
    static func rearm(_ changes: [LimitChange], _ transaction: borrowing Transaction) throws {
        let raised = changes.filter { $0.to > $0.from }
        if raised.isEmpty { return }
        try transaction.execute(
            """
            UPDATE alert t SET rearmed_at = now()
            FROM unnest(\(raised.map(\.windowID)), \(raised.map(\.spent)), \(raised.map(\.to)))
                AS w(window_id, spent, limit_amount)
            WHERE t.window_id = w.window_id AND t.rearmed_at IS NULL
                AND (t.kind = \(AlertKind.denied.rawValue)
                    OR w.spent::numeric * 1000000 < w.limit_amount::numeric * t.threshold_millionths)
            """)
    }

    /// Whether spending has passed the threshold `t.millionths` of a limit on its way from one amount to another.
    static func isPassed(from earlier: SQL, to spent: SQL, _ limit: SQL) -> SQL {
        """
        ((\(sql: spent))::numeric * 1000000 >= (\(sql: limit))::numeric * t.millionths
            AND (\(sql: earlier))::numeric * 1000000 < (\(sql: limit))::numeric * t.millionths)
        """
    }

    /// Writes that these windows had a call denied because too little was left, for budgets that want to be told when
    /// their limit is reached: calls rarely fit the last cents exactly, so spending may come close to 100% and stay
    /// there. Returns whether any of this was new.
    static func writeExhausted(_ windowIDs: [Int64], _ connection: Connection) throws -> Bool {
        let written = try connection.transaction { transaction in
            try transaction.query(
                write(
                    .denied,
                    """
                    SELECT w.budget_number, w.window_id, 0::bigint, w.spent, w.limit_amount
                    FROM window_total w JOIN budget b USING (budget_number)
                    WHERE w.window_id = ANY(\(windowIDs)) AND b.removed_at IS NULL
                        AND \(Fraction.whole.millionths) = ANY(b.alert_at_millionths)
                    """))
        }
        return try written[0].decode(Int64.self, at: 0) > 0
    }
}
