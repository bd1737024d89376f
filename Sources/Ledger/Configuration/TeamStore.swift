import Accounting
import Postgres

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
            return (try find(team, transaction), isNew ? try ConfigurationStore.bump(transaction) : nil)
        }
    }

    /// Changes what is said of a team. `version` is the new configuration version; nil if servers need not know.
    ///
    /// - Parameter team: as it was made.
    package static func change(
        _ team: String, _ patch: Team.Patch, _ connection: Connection
    ) throws -> (team: Team, version: Int64?) {
        try connection.transaction { transaction in
            let old = try find(team, lock: " FOR NO KEY UPDATE", transaction).settings
            let new = patch.applied(to: old)
            try transaction.execute(
                """
                UPDATE team SET unsettled = \(new.unsettled?.rawValue), owner = \(new.owner),
                    cost_center = \(new.costCenter), display_name = \(new.displayName) WHERE name = \(team)
                """)
            let concernsServers = new.unsettled != old.unsettled
            return (try find(team, transaction), concernsServers ? try ConfigurationStore.bump(transaction) : nil)
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
                guard now == name else { throw StoreFailure.teamRenamed(name, now: now) }
                throw StoreFailure.invalid(pointer: "/name", detail: "is another team's name")
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
            return (try find(team, transaction), version)
        }
    }

    package static func list(_ connection: Connection) throws -> [Team] {
        try connection.transaction(isolation: .repeatableRead, readOnly: true) { transaction in
            let names = try names(transaction)
            return try all(transaction).map { $0.called(by: names) }.sorted { $0.name < $1.name }
        }
    }

    /// A team by the name it was made with, called as it is called now.
    private static func find(
        _ team: String, lock: SQL = "", _ transaction: borrowing Transaction
    ) throws -> Team {
        let rows = try transaction.query("SELECT \(unescaped: Team.columns) FROM team WHERE name = \(team)" + lock)
        guard let row = rows.first else { throw StoreFailure.unknownTeam(team) }
        return try Team(row).called(by: names(transaction))
    }

    /// All teams by the names they were made with, as the configuration has them.
    static func all(_ transaction: borrowing Transaction) throws -> [Team] {
        try transaction.query("SELECT \(unescaped: Team.columns) FROM team").map(Team.init)
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
