import Accounting
import Postgres

/// A receiver of alerts.
package struct AlertChannel: Sendable {
    package let name: String
    /// The team whose alerts it receives. Nil: it receives those of every budget, of teams and of the company.
    package let team: String?
    package let url: String
    package let secret: String
    package let createdAt: Timestamp
}

package enum AlertChannelStore {
    private static let columns = "name, NULLIF(team, ''), url, secret, created_at"

    /// Creates a channel, or changes the URL of an existing one, which keeps its secret.
    package static func put(
        name: String, team: String?, url: String, newSecret: String, _ connection: Connection
    ) throws -> AlertChannel {
        try connection.transaction { transaction in
            if let team { try TeamStore.require(team, transaction) }
            // A channel that has moved to another address starts without the failures of the old one.
            let rows = try transaction.query(
                """
                INSERT INTO alert_channel (name, team, kind, url, secret)
                VALUES (\(name), \(team ?? ""), 'webhook', \(url), \(newSecret))
                ON CONFLICT (name) DO UPDATE
                SET url = excluded.url, next_attempt_at = excluded.next_attempt_at, failures = excluded.failures
                WHERE alert_channel.team = excluded.team
                RETURNING \(unescaped: columns)
                """)
            guard let row = rows.first else {
                throw StoreFailure.invalid(
                    pointer: "/team", detail: "cannot change: an alert stays with its team, or with every team")
            }
            return try channel(row)
        }
    }

    /// The channels of one team or, if `team` is nil, all channels.
    package static func list(team: String?, _ connection: Connection) throws -> [AlertChannel] {
        try connection.query(
            """
            SELECT \(unescaped: columns) FROM alert_channel
            WHERE \(team)::text IS NULL OR team = \(team) ORDER BY name
            """
        ).map(channel)
    }

    /// Whether any channel gets the alerts of a team's budgets; of a budget of every team's, if `team` is nil.
    package static func isAny(for team: String?, _ connection: Connection) throws -> Bool {
        try connection.query("SELECT EXISTS (SELECT FROM alert_channel WHERE team IN (\(team ?? ""), ''))")[0]
            .decode(at: 0)
    }

    /// Nil where there is none.
    package static func find(_ name: String, _ connection: Connection) throws -> AlertChannel? {
        try connection.query("SELECT \(unescaped: columns) FROM alert_channel WHERE name = \(name)").first.map(channel)
    }

    package static func remove(_ name: String, _ connection: Connection) throws {
        guard try connection.execute("DELETE FROM alert_channel WHERE name = \(name)") > 0 else {
            throw StoreFailure.notFound("There is no alert \(name).")
        }
    }

    private static func channel(_ row: Row) throws -> AlertChannel {
        let (name, team, url, secret, createdAt) = try row.decode((String, String?, String, String, Timestamp).self)
        return AlertChannel(name: name, team: team, url: url, secret: secret, createdAt: createdAt)
    }
}
