import Accounting
import Postgres

/// All that is read of a month when it has closed, to be written down in its statement.
struct MonthFacts: Sendable {
    private struct Frozen: Sendable {
        let report: String
        let team: String
        let content: String
    }

    private let month: CalendarMonth
    private let version: Int64
    private let digest: MonthExport.Digest
    private let frozen: [Frozen]

    /// The sums that maintenance adds entries to some time after they were committed, and that reports read.
    private static let folds = [EstimateSums.fold, DetailSums.fold, MeterSums.fold]

    /// Nil where the month has its statement already, or was reopened meanwhile.
    ///
    /// - Parameter ofTeams: whether each team's reports are kept too, or, as for a month without bookings, only those of
    ///   all teams.
    init?(_ month: CalendarMonth, ofTeams: Bool, _ reports: ReportCatalog, _ connection: Connection) throws {
        let unwritten = try connection.query(
            """
            SELECT c.version FROM month m JOIN month_close c USING (month)
            WHERE m.month = \(month.firstDay) AND m.state = 'closed' AND c.statement IS NULL
            ORDER BY c.version DESC LIMIT 1
            """)
        guard let version = try unwritten.first?.decode(Int64.self, at: 0) else { return nil }
        self.month = month
        self.version = version
        digest = try MonthExport.digest(month, version: version, connection)
        for fold in Self.folds { while try fold.run(takesSmall: true, connection).entries > 0 {} }
        let teams: [String] =
            try ofTeams
            ? connection.query("SELECT name FROM team ORDER BY 1").map { try $0.decode(String.self, at: 0) } : []
        var frozen: [Frozen] = []
        for report in reports.definitions {
            for team in [nil] + teams.map(String?.some) {
                let query = ReportQuery(ReportRange(month), team: team)
                let content = try FrozenReport.content(try report.run(query, connection), connection)
                frozen.append(Frozen(report: report.name, team: team ?? "", content: content))
            }
        }
        self.frozen = frozen
    }

    /// Writes everything down in one transaction. Of two closes at once the second changes nothing.
    func store(_ connection: Connection) throws {
        try connection.transaction { transaction in
            let unwritten = try transaction.query(
                """
                SELECT FROM month_close c JOIN month m USING (month)
                WHERE c.month = \(month.firstDay) AND c.version = \(version) AND c.statement IS NULL AND m.state = 'closed'
                FOR UPDATE OF c
                """)
            if unwritten.isEmpty { return }
            try transaction.execute(
                """
                INSERT INTO month_team (month, version, team, name, display_name, owner, cost_center)
                SELECT \(month.firstDay), \(version), name, team_called(name), display_name, owner, cost_center FROM team
                """)
            try transaction.execute(
                """
                INSERT INTO month_report (month, version, report, team, content)
                SELECT \(month.firstDay), \(version), r.report, r.team, r.content::jsonb
                FROM unnest(\(frozen.map(\.report)), \(frozen.map(\.team)), \(frozen.map(\.content)))
                    AS r(report, team, content)
                """)
            let book = try PriceReleaseStore.newest(transaction)
            try transaction.execute(
                """
                UPDATE month_close SET statement = month_statement(month, version) || jsonb_build_object(
                    'entries', \(digest.entries), 'sha256', \(digest.sha256)::text,
                    'kept_sha256', month_kept_sha256(month, version),
                    'price_book', CASE WHEN \(book?.version)::text IS NOT NULL THEN jsonb_build_object(
                        'version', \(book?.version)::text, 'date', \(book?.date.description)::text) END)
                WHERE month = \(month.firstDay) AND version = \(version)
                """)
        }
    }
}
