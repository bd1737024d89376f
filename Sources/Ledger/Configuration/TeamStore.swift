import Accounting
import Postgres

package struct Team: Sendable {
    /// What the team is called.
    package let name: String
    /// What it was called before, sorted.
    package let formerNames: [String]
    package let createdAt: Timestamp
}

/// The teams of the deployment, and what they are called.
package enum TeamStore {
    /// Creates a team, or returns the existing one. `version` is the new configuration version; nil if the team
    /// existed.
    package static func create(_ name: String, _ connection: Connection) throws -> (team: Team, version: Int64?) {
        try connection.transaction { transaction in
            try lockNames(transaction)
            let names = try names(transaction)
            let team = names.team(named: name)
            // A name that a team has given up would make calls that still use it another team's.
            guard names.name(of: team) == name else { throw StoreFailure.teamRenamed(name, now: names.name(of: team)) }
            let isNew =
                try transaction.execute("INSERT INTO team (name) VALUES (\(team)) ON CONFLICT DO NOTHING") > 0
            let createdAt: Timestamp = try transaction.query("SELECT created_at FROM team WHERE name = \(team)")[0]
                .decode(at: 0)
            return (
                Team(name: name, formerNames: names.formerNames(of: team), createdAt: createdAt),
                isNew ? try ConfigurationStore.bump(transaction) : nil
            )
        }
    }

    /// Calls a team otherwise. Its rows keep the name that it was made with, so nothing that it has spent is touched.
    /// `version` is the new configuration version; nil if the team is called so already.
    ///
    /// - Parameter team: as it was made.
    package static func rename(
        _ team: String, to name: String, by author: String, reason: String?, _ connection: Connection
    ) throws -> (team: Team, version: Int64?) {
        try connection.transaction { transaction in
            try lockNames(transaction)
            try require(team, transaction)
            let names = try names(transaction)
            let owner = names.team(named: name)
            let isTaken = try owner != team && !transaction.query("SELECT 1 FROM team WHERE name = \(owner)").isEmpty
            if isTaken {
                let now = names.name(of: owner)
                throw StoreFailure.invalid(
                    pointer: "/name",
                    detail: now == name ? "is another team's name" : "is a former name of \(now), and means that team")
            }
            var version: Int64?
            if names.name(of: team) != name {
                try transaction.execute(
                    """
                    INSERT INTO team_rename (team, name, renamed_by, reason)
                    VALUES (\(team), \(name), \(author), \(reason))
                    """)
                version = try ConfigurationStore.bump(transaction)
            }
            guard let renamed = try list(transaction).first(where: { $0.name == name }) else {
                throw StoreFailure.unknownTeam(team)
            }
            return (renamed, version)
        }
    }

    package static func list(_ connection: Connection) throws -> [Team] {
        try connection.transaction(isolation: .repeatableRead, readOnly: true) { try list($0) }
    }

    private static func list(_ transaction: borrowing Transaction) throws -> [Team] {
        let names = try names(transaction)
        return try transaction.query("SELECT name, created_at FROM team").map {
            let (team, createdAt) = try $0.decode((String, Timestamp).self)
            return Team(
                name: names.name(of: team), formerNames: names.formerNames(of: team), createdAt: createdAt)
        }.sorted { $0.name < $1.name }
    }

    static func names(_ transaction: borrowing Transaction) throws -> TeamNames {
        TeamNames(
            try transaction.query("SELECT team, name FROM team_rename ORDER BY rename_id").map {
                let (team, name) = try $0.decode((String, String).self)
                return TeamNames.Rename(team: team, name: name)
            })
    }

    /// One name must never come to mean two teams.
    private static func lockNames(_ transaction: borrowing Transaction) throws {
        try transaction.execute("LOCK TABLE team_rename IN SHARE ROW EXCLUSIVE MODE")
    }

    static func require(_ name: String, _ transaction: borrowing Transaction) throws {
        if try transaction.query("SELECT 1 FROM team WHERE name = \(name)").isEmpty {
            throw StoreFailure.unknownTeam(name)
        }
    }
}
