import Accounting
import Postgres

package struct Team: Sendable {
    package let name: String
    package let createdAt: Timestamp
}

/// The teams of the deployment.
package enum TeamStore {
    /// Creates a team, or returns the existing one. `version` is the new configuration version; nil if the team
    /// existed.
    package static func create(_ name: String, _ connection: Connection) throws -> (team: Team, version: Int64?) {
        try connection.transaction { transaction in
            let isNew =
                try transaction.execute("INSERT INTO team (name) VALUES (\(name)) ON CONFLICT DO NOTHING") > 0
            let createdAt: Timestamp = try transaction.query("SELECT created_at FROM team WHERE name = \(name)")[0]
                .decode(at: 0)
            return (
                Team(name: name, createdAt: createdAt), isNew ? try ConfigurationStore.bump(transaction) : nil
            )
        }
    }

    package static func list(_ connection: Connection) throws -> [Team] {
        try connection.query("SELECT name, created_at FROM team ORDER BY name").map {
            let (name, createdAt) = try $0.decode((String, Timestamp).self)
            return Team(name: name, createdAt: createdAt)
        }
    }

    static func require(_ name: String, _ transaction: borrowing Transaction) throws {
        if try transaction.query("SELECT 1 FROM team WHERE name = \(name)").isEmpty {
            throw StoreFailure.unknownTeam(name)
        }
    }
}
