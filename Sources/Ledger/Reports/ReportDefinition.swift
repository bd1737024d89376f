import Accounting
import Postgres

/// One file of `reports/`: its SQL, with comments at the top that give its title and describe its columns.
///
///     -- title: What each team spent
///     -- column team: Team
///     -- column cost_usd: Cost | usd | total
///     SELECT team, … WHERE booking_month = :month AND (:team::text IS NULL OR team = :team)
///
/// A column's kind is `text` (the default), `count` or `usd` (the SQL returns nanodollars). Both are whole numbers of any
/// size: sums stay `numeric`. `total` adds a sum of the column.
package struct ReportDefinition: Sendable {
    package enum Kind: String, Sendable { case text, count, usd }

    package struct Column: Sendable {
        package let name: String
        package let title: String
        package let kind: Kind
        package let isTotalled: Bool
    }

    package let name: String
    package let title: String
    package let columns: [Column]
    private let body: String

    package init(name: String, text: String) throws(ReportError) {
        self.name = name
        var title: String?
        var columns: [Column] = []
        var body: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("-- title: ") {
                title = String(line.dropFirst(10))
            } else if line.hasPrefix("-- column ") {
                columns.append(try Self.column(line.dropFirst(10), name))
            } else if !line.hasPrefix("--") {
                body.append(line)
            }
        }
        guard let title, !columns.isEmpty else {
            throw ReportError(report: name, problem: "has no title or no columns")
        }
        self.title = title
        self.columns = columns
        self.body = body.joined(separator: "\n")
    }

    private static func column(_ text: Substring, _ report: String) throws(ReportError) -> Column {
        let halves = text.split(separator: ":", maxSplits: 1).map { trimmed($0) }
        let parts = halves.count == 2 ? halves[1].split(separator: "|").map { trimmed($0) } : []
        guard let title = parts.first, let kind = Kind(rawValue: parts.count > 1 ? parts[1] : "text") else {
            throw ReportError(report: report, problem: "has a column that cannot be read: \(text)")
        }
        return Column(name: halves[0], title: title, kind: kind, isTotalled: parts.last == "total")
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " }
        return String(start.reversed().drop { $0 == " " }.reversed())
    }

    /// Runs the report of a month, for one team or, if `team` is nil, for all. Its column `team` tells what teams are called
    /// now.
    package func run(month: CalendarMonth, team: String?, _ connection: Connection) throws -> Report {
        try connection.transaction(isolation: .repeatableRead, readOnly: true) { transaction in
            if let frozen = try FrozenReport.read(self, month: month, team: team, transaction) { return frozen }
            let row = try transaction.query(
                """
                SELECT now(), accounting_time_zone,
                    EXISTS (SELECT FROM month WHERE month = \(month.firstDay) AND state = 'closed')
                FROM deployment
                """)[0]
            let (asOf, zoneName, isClosed) = try row.decode((Timestamp, String, Bool).self)
            guard let zone = Zone(name: zoneName) else { throw StoreFailure.unknownTimeZone(zoneName) }
            return Report(
                definition: self, month: month, zone: zone, asOf: asOf, isClosed: isClosed,
                release: try PriceReleaseStore.newest(transaction),
                rows: try cells(month: month, team: team, transaction))
        }
    }

    private func cells(
        month: CalendarMonth, team: String?, _ transaction: borrowing Transaction
    ) throws -> [[Report.Cell]] {
        let names = try TeamStore.names(transaction)
        let rows = try transaction.query(statement(month: month, team: team))
        return try rows.map { row in
            try columns.map { column -> Report.Cell in
                switch column.kind {
                case .text where column.name == "team":
                    .text(names.called(try row.decode(String?.self, named: column.name)))
                case .text: .text(try row.decode(String?.self, named: column.name))
                case .count: .count(try row.decode(Int128?.self, named: column.name))
                case .usd: .usd(try row.decode(Int128?.self, named: column.name))
                }
            }
        }
    }

    /// The SQL with `:month` and `:team` as bound parameters; `::` is a cast.
    func statement(month: CalendarMonth, team: String?) -> SQL {
        var statement: SQL = ""
        var rest = Substring(body)
        while let colon = rest.firstIndex(of: ":") {
            statement += SQL(unescaped: String(rest[..<colon]))
            rest = rest[rest.index(after: colon)...]
            if rest.hasPrefix(":") {
                statement += "::"
                rest = rest.dropFirst()
            } else if rest.hasPrefix("month") {
                statement += "\(month.firstDay)"
                rest = rest.dropFirst(5)
            } else if rest.hasPrefix("team") {
                statement += "\(team)"
                rest = rest.dropFirst(4)
            } else {
                statement += ":"
            }
        }
        return statement + SQL(unescaped: String(rest))
    }
}

package struct ReportError: Error, CustomStringConvertible {
    let report: String
    let problem: String

    package var description: String { "The report \(report) \(problem)." }
}

/// All reports, sorted by name.
package struct ReportCatalog: Sendable {
    package let definitions: [ReportDefinition]

    package init(_ resources: ResourceDirectory) throws {
        definitions = try resources.files(in: "reports", ending: ".sql").map {
            try ReportDefinition(name: String($0.name.dropLast(4)), text: $0.text)
        }
    }

    package func definition(_ name: String) -> ReportDefinition? { definitions.first { $0.name == name } }
}
