import Accounting
import Logging
import Postgres
import Synchronization

/// Tells of teams whose calls have so many different names that their daily sums hardly sum any more.
///
/// A daily sum has the team, the feature and the model of its calls, and clients choose these names. Months are closed and
/// invoices are written by these sums, so no name is ever left out or put together with others. A sum has at least one
/// entry, so there are never more of them than there are entries. But who sends a new name with each call should know.
final class DailySumNames: Sendable {
    /// So many sums of a team on one day are more than people read.
    static let many: Int64 = 5_000

    /// What was told of already, with the day.
    private let told = Mutex<(day: CalendarDay, teams: Set<String>)>((CalendarDay(daysSince1970: 0), []))

    /// Looks at the day that has the newest sums, and returns the teams that were not told of before.
    func find(_ connection: Connection, many: Int64 = many) throws -> [(team: String, sums: Int64)] {
        let found = try connection.query(
            """
            SELECT r.day, r.team, count(*) FROM rollup r
            WHERE (r.booking_month, r.day) = (
                SELECT booking_month, day FROM rollup ORDER BY booking_month DESC, day DESC LIMIT 1)
            GROUP BY 1, 2 HAVING count(*) > \(many) ORDER BY 2
            """
        ).map { try $0.decode((CalendarDay, String, Int64).self) }
        return told.withLock { told in
            found.compactMap { day, team, sums in
                if told.day != day { told = (day, []) }
                return told.teams.insert(team).inserted ? (team, sums) : nil
            }
        }
    }

    func task(_ log: Logger) -> MaintenanceTask {
        MaintenanceTask("daily_sum_names", every: .seconds(600)) { connection in
            let teams = try self.find(connection)
            for (team, sums) in teams {
                log.warning(
                    "The calls of a team have very many different features and models today",
                    metadata: ["team": "\(team)", "daily_sums": "\(sums)"])
            }
            return MaintenanceTask.Portion(rows: teams.count)
        }
    }
}
