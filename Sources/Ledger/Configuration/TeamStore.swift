import Accounting
import Postgres

package struct Team: Sendable {
    /// What the team is called.
    package let name: String
    /// What it was called before, sorted.
    package let formerNames: [String]
    package let createdAt: Timestamp
    /// What becomes of its holds that expire unsettled, where none of their budgets says more than `record`.
    package let unsettled: BudgetRules.Unsettled?

    fileprivate static let columns = "name, created_at, unsettled"

    /// As it was made.
    fileprivate init(_ row: Row) throws {
        let (name, createdAt, unsettled) = try row.decode((String, Timestamp, String?).self)
        self.init(
            name: name, formerNames: [], createdAt: createdAt,
            unsettled: unsettled.flatMap(BudgetRules.Unsettled.init))
    }

    private init(name: String, formerNames: [String], createdAt: Timestamp, unsettled: BudgetRules.Unsettled?) {
        (self.name, self.formerNames, self.createdAt, self.unsettled) = (name, formerNames, createdAt, unsettled)
    }

    fileprivate func called(by names: TeamNames) -> Team {
        Team(
            name: names.name(of: name), formerNames: names.formerNames(of: name), createdAt: createdAt,
            unsettled: unsettled)
    }
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
            return (try find(team, transaction), isNew ? try ConfigurationStore.bump(transaction) : nil)
        }
    }

    /// Sets what becomes of a team's holds that expire unsettled; nil takes the setting away. `version` is the new
    /// configuration version; nil if nothing was changed.
    ///
    /// - Parameter team: as it was made.
    package static func set(
        unsettled: BudgetRules.Unsettled?, of team: String, _ connection: Connection
    ) throws -> (team: Team, version: Int64?) {
        try connection.transaction { transaction in
            try require(team, transaction)
            let isNew =
                try transaction.execute(
                    """
                    UPDATE team SET unsettled = \(unsettled?.rawValue)
                    WHERE name = \(team) AND unsettled IS DISTINCT FROM \(unsettled?.rawValue)
                    """) > 0
            return (try find(team, transaction), isNew ? try ConfigurationStore.bump(transaction) : nil)
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
    private static func find(_ team: String, _ transaction: borrowing Transaction) throws -> Team {
        let rows = try transaction.query("SELECT \(unescaped: Team.columns) FROM team WHERE name = \(team)")
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
