import Postgres

/// The alert outbox as delivery uses it.
///
/// A claim is on a channel, not on an alert: one server at a time tries one alert of a channel. So a receiver that is
/// slow or gone holds up nobody's alerts but its own. A claim ends when the outcome is noted. It counts no attempt, so
/// an attempt of which nobody learns the outcome is as if it had not been made.
package enum AlertDeliveryStore {
    /// How long a claim lasts if no outcome is noted: several times what an attempt takes, so that no other server
    /// repeats it because this one is slow to note the outcome.
    static let claimSeconds: Int64 = 180
    /// An alert that could not be delivered for so long is given up: as long as all of its attempts may take.
    private static let patienceDays: Int32 = 3

    /// Claims channels that have an alert due, and returns the one that is due first of each.
    ///
    /// - Parameters:
    ///   - working: how many channels to claim of those whose last attempt succeeded.
    ///   - failing: how many of the others. These take long to fail, so they have places of their own.
    package static func claim(working: Int64, failing: Int64, _ connection: Connection) throws -> [DueAlert] {
        try connection.query(
            """
            WITH due AS (
                SELECT d.channel, a.failures > 0 AS is_failing, row_number() OVER (
                    PARTITION BY a.failures > 0 ORDER BY a.next_attempt_at, min(d.next_attempt_at), d.channel) AS place
                FROM alert_delivery d JOIN alert_channel a ON a.name = d.channel
                WHERE d.delivered_at IS NULL AND d.given_up_at IS NULL AND d.next_attempt_at <= now()
                    AND a.next_attempt_at <= now()
                GROUP BY d.channel, a.failures, a.next_attempt_at
            ), channel AS (
                SELECT a.name FROM due JOIN alert_channel a ON a.name = due.channel
                WHERE place <= CASE WHEN is_failing THEN \(failing) ELSE \(working) END AND a.next_attempt_at <= now()
                FOR NO KEY UPDATE OF a SKIP LOCKED
            ), busy AS (
                UPDATE alert_channel a SET next_attempt_at = now() + make_interval(secs => \(claimSeconds))
                FROM channel WHERE a.name = channel.name
            ), first AS (
                SELECT f.alert_id, f.channel FROM channel CROSS JOIN LATERAL (
                    SELECT alert_id, channel FROM alert_delivery
                    WHERE channel = channel.name AND delivered_at IS NULL AND given_up_at IS NULL
                        AND next_attempt_at <= now()
                    ORDER BY next_attempt_at, alert_id LIMIT 1) f
            ), claimed AS (
                -- Servers of the version before look at this column alone.
                UPDATE alert_delivery d SET next_attempt_at = now() + make_interval(secs => \(claimSeconds))
                FROM first WHERE d.alert_id = first.alert_id AND d.channel = first.channel
                RETURNING d.alert_id, d.channel, d.attempts
            )
            SELECT \(unescaped: DueAlert.columns)
            FROM claimed c JOIN alert t USING (alert_id) JOIN alert_channel a ON a.name = c.channel
            JOIN budget b USING (budget_number) JOIN budget_window w ON w.window_id = t.window_id
            ORDER BY c.alert_id
            """
        ).map(DueAlert.init)
    }

    package static func delivered(_ alert: DueAlert, _ connection: Connection) throws {
        try connection.execute(
            """
            WITH noted AS (
                UPDATE alert_delivery SET attempts = attempts + 1, delivered_at = now(), last_problem = NULL
                WHERE alert_id = \(alert.alertID) AND channel = \(alert.channel.name)
            )
            UPDATE alert_channel SET next_attempt_at = now(), failures = 0 WHERE name = \(alert.channel.name)
            """)
    }

    /// Records why an attempt failed and when to try again.
    ///
    /// - Parameters:
    ///   - retryAfterSeconds: nil: the alert is given up.
    ///   - pauseSeconds: how long nothing at all is sent to the channel.
    package static func failed(
        _ alert: DueAlert, problem: String, retryAfterSeconds: Int64?, pauseSeconds: Int64, _ connection: Connection
    ) throws {
        try connection.execute(
            """
            WITH noted AS (
                UPDATE alert_delivery SET attempts = attempts + 1, last_problem = \(problem),
                    next_attempt_at = now() + make_interval(secs => \(retryAfterSeconds ?? 0)),
                    given_up_at = CASE WHEN \(retryAfterSeconds)::bigint IS NULL THEN now() END
                WHERE alert_id = \(alert.alertID) AND channel = \(alert.channel.name)
            ), stale AS (
                UPDATE alert_delivery d SET last_problem = \(problem), given_up_at = now()
                FROM alert t
                WHERE d.channel = \(alert.channel.name) AND d.alert_id <> \(alert.alertID)
                    AND d.delivered_at IS NULL AND d.given_up_at IS NULL
                    AND t.alert_id = d.alert_id AND t.crossed_at < now() - make_interval(days => \(patienceDays))
            )
            UPDATE alert_channel
            SET next_attempt_at = now() + make_interval(secs => \(pauseSeconds)), failures = failures + 1
            WHERE name = \(alert.channel.name)
            """)
    }

    /// Gives a claim back whose attempt was cut short.
    package static func release(_ alert: DueAlert, _ connection: Connection) throws {
        try connection.execute(
            """
            WITH due AS (
                UPDATE alert_delivery SET next_attempt_at = now()
                WHERE alert_id = \(alert.alertID) AND channel = \(alert.channel.name)
            )
            UPDATE alert_channel SET next_attempt_at = now() WHERE name = \(alert.channel.name)
            """)
    }
}
