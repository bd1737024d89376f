import Accounting
import Postgres

/// A move as people read it: a feature that went to another place, or a team that got another name.
package struct RecordedMove: Sendable {
    /// What a team, or a feature of it, is called. The teams of moved features are called what they are called now.
    package struct Place: Sendable {
        package let team: String
        /// Nil for the whole team.
        package let feature: String?
    }

    package let from: Place
    package let to: Place
    package let movedAt: Timestamp
    package let movedBy: String
    package let reason: String?

    /// The newest first.
    ///
    /// - Parameter team: only what has left this team or come to it, as it was made; nil for all.
    package static func list(team: String?, _ connection: Connection) throws -> [RecordedMove] {
        try connection.query(
            """
            SELECT * FROM (
                SELECT COALESCE(lag(name) OVER (PARTITION BY team ORDER BY rename_id), team), NULL, name, NULL,
                    renamed_at AS at, renamed_by, reason, team AS one, team AS other
                FROM team_rename
                UNION ALL
                SELECT team_called(team), feature, team_called(to_team), to_feature, moved_at, moved_by, reason, team, to_team
                FROM feature_move) m
            WHERE \(team)::text IS NULL OR \(team) IN (one, other)
            ORDER BY at DESC
            """
        ).map {
            let (team, feature, toTeam, toFeature, at, by, reason, _, _) = try $0.decode(
                (String, String?, String, String?, Timestamp, String, String?, String, String).self)
            return RecordedMove(
                from: Place(team: team, feature: feature), to: Place(team: toTeam, feature: toFeature), movedAt: at,
                movedBy: by, reason: reason)
        }
    }
}
