import Accounting
import Postgres

/// The ladders of teams and their features.
package enum LadderStore {
    static func all(_ transaction: borrowing Transaction) throws -> [Ladder] {
        try transaction.query("SELECT team, feature, models, floor FROM ladder ORDER BY team, feature").map(ladder)
    }

    package static func list(team: String?, _ connection: Connection) throws -> [Ladder] {
        try connection.query(
            """
            SELECT team, feature, models, floor FROM ladder
            WHERE \(team)::text IS NULL OR team = \(team) ORDER BY team, feature
            """
        ).map(ladder)
    }

    /// Creates a ladder or replaces the existing one. Returns the new configuration version.
    package static func put(_ ladder: Ladder, _ connection: Connection) throws -> Int64 {
        try connection.transaction { transaction in
            try TeamStore.require(ladder.team, transaction)
            try transaction.execute(
                """
                INSERT INTO ladder (team, feature, models, floor)
                VALUES (\(ladder.team), \(ladder.feature ?? ""), \(ladder.models), \(ladder.floor))
                ON CONFLICT (team, feature)
                DO UPDATE SET models = excluded.models, floor = excluded.floor, changed_at = now()
                """)
            return try ConfigurationStore.bump(transaction)
        }
    }

    package static func remove(team: String, feature: String?, _ connection: Connection) throws -> Int64 {
        try connection.transaction { transaction in
            let count = try transaction.execute(
                "DELETE FROM ladder WHERE team = \(team) AND feature = \(feature ?? "")")
            guard count > 0 else { throw StoreFailure.notFound("There is no such ladder.") }
            return try ConfigurationStore.bump(transaction)
        }
    }

    private static func ladder(_ row: Row) throws -> Ladder {
        let (team, feature, models, floor) = try row.decode((String, String, [String], String?).self)
        return Ladder(team: team, feature: feature.isEmpty ? nil : feature, models: models, floor: floor)
    }
}
