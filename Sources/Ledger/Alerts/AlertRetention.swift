import Postgres

/// Deletes old alerts, a portion at a time.
package enum AlertRetention {
    /// How long an alert is kept once its window is over.
    private static let days: Int32 = 90
    /// How long an alert is kept if its window still goes on: longer than any period but `total`. An alert that is gone
    /// may be sent again in its window.
    private static let openWindowDays: Int32 = 400

    /// Deletes at most `limit` of the oldest alerts, with their deliveries, and returns how many. Fewer than `limit`
    /// means that no more are old enough.
    package static func prune(limit: Int64 = 1_000, _ connection: Connection) throws -> Int {
        try connection.transaction { transaction in
            let old = try transaction.query(
                """
                SELECT t.alert_id FROM alert t JOIN budget_window w USING (window_id)
                WHERE t.crossed_at < now() - make_interval(days => \(days))
                    AND (w.ends_at < now() OR t.crossed_at < now() - make_interval(days => \(openWindowDays)))
                ORDER BY t.crossed_at LIMIT \(limit) FOR UPDATE OF t SKIP LOCKED
                """
            ).map { try $0.decode(Int64.self, at: 0) }
            guard !old.isEmpty else { return 0 }
            try transaction.execute("DELETE FROM alert_delivery WHERE alert_id = ANY(\(old))")
            return try transaction.execute("DELETE FROM alert WHERE alert_id = ANY(\(old))")
        }
    }
}
