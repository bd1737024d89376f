import Accounting
import Postgres

/// The crossing of a threshold, due for delivery to one channel.
package struct DueAlert: Sendable {
    package let alertID: Int64
    package let channel: AlertChannel
    package let attempts: Int64
    package let budgetID: String
    package let unit: Budget.Unit
    package let threshold: Fraction
    package let crossedAt: Timestamp
    package let windowStart: Timestamp
    package let windowEnd: Timestamp?
    package let spent: Int64
    package let limit: Int64
}

/// The alert outbox as delivery uses it.
package enum AlertDeliveryStore {
    /// How long a server may take to deliver the alerts it has claimed, before another server may claim them.
    private static let claimSeconds: Int64 = 60

    /// Claims at most `limit` due alerts, so that no other replica delivers them at the same time.
    package static func claim(limit: Int64, _ connection: Connection) throws -> [DueAlert] {
        try connection.query(
            """
            WITH due AS (
                SELECT alert_id, channel FROM alert_delivery
                WHERE delivered_at IS NULL AND given_up_at IS NULL AND next_attempt_at <= clock_timestamp()
                ORDER BY next_attempt_at LIMIT \(limit) FOR UPDATE SKIP LOCKED
            ), claimed AS (
                UPDATE alert_delivery d SET attempts = d.attempts + 1,
                    next_attempt_at = clock_timestamp() + make_interval(secs => \(claimSeconds))
                FROM due WHERE d.alert_id = due.alert_id AND d.channel = due.channel
                RETURNING d.alert_id, d.channel, d.attempts
            )
            SELECT c.alert_id, a.name, a.team, a.url, a.secret, a.created_at, c.attempts, b.id, b.unit,
                t.threshold_millionths, t.crossed_at, w.starts_at, w.ends_at, t.spent, t.limit_amount
            FROM claimed c JOIN alert t USING (alert_id) JOIN alert_channel a ON a.name = c.channel
            JOIN budget b USING (budget_number) JOIN budget_window w ON w.window_id = t.window_id
            ORDER BY c.alert_id
            """
        ).map(dueAlert)
    }

    private static func dueAlert(_ row: Row) throws -> DueAlert {
        let (
            id, name, team, url, secret, createdAt, attempts, budget, unit, threshold, crossedAt, start, end, spent,
            limit
        ) = try row.decode(
            (
                Int64, String, String, String, String, Timestamp, Int64, String, String, Int64, Timestamp, Timestamp,
                Timestamp?, Int64, Int64
            ).self)
        return DueAlert(
            alertID: id,
            channel: AlertChannel(name: name, team: team, url: url, secret: secret, createdAt: createdAt),
            attempts: attempts, budgetID: budget, unit: Budget.Unit(rawValue: unit)!,
            threshold: Fraction(millionths: threshold), crossedAt: crossedAt, windowStart: start, windowEnd: end,
            spent: spent, limit: limit)
    }

    package static func delivered(_ alert: DueAlert, _ connection: Connection) throws {
        try connection.execute(
            """
            UPDATE alert_delivery SET delivered_at = clock_timestamp(), last_problem = NULL
            WHERE alert_id = \(alert.alertID) AND channel = \(alert.channel.name)
            """)
    }

    /// Records why a delivery failed and when to try again. If `retryAfterSeconds` is nil, the delivery is given up.
    package static func failed(
        _ alert: DueAlert, problem: String, retryAfterSeconds: Int64?, _ connection: Connection
    ) throws {
        try connection.execute(
            """
            UPDATE alert_delivery SET last_problem = \(problem),
                next_attempt_at = clock_timestamp() + make_interval(secs => \(retryAfterSeconds ?? 0)),
                given_up_at = CASE WHEN \(retryAfterSeconds)::bigint IS NULL THEN clock_timestamp() END
            WHERE alert_id = \(alert.alertID) AND channel = \(alert.channel.name)
            """)
    }
}
