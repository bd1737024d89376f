import Accounting
import Postgres

/// One file of `reports/`: its SQL, with comments at the top that give its title, its parameters and its columns.
///
///     -- title: What each team spent
///     -- parameter month: The month | month
///     -- parameter team: This team alone | team
///     -- column team: Team
///     -- column cost_usd: Cost | usd | total
///     SELECT team, … WHERE booking_month = :month AND (:team::text IS NULL OR team = :team)
///
/// A new report is a new file. See `ReportParameter` and `ReportColumn` for the lines, `statement` for the SQL.
package struct ReportDefinition: Sendable {
    package let name: String
    package let title: String
    package let parameters: [ReportParameter]
    package let columns: [ReportColumn]
    let body: String

    package init(name: String, text: String) throws(ReportError) {
        self.name = name
        var title: String?
        var parameters: [ReportParameter] = []
        var columns: [ReportColumn] = []
        var body: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("-- title: ") {
                title = String(line.dropFirst(10))
            } else if line.hasPrefix("-- parameter ") {
                guard let parameter = ReportParameter(line.dropFirst(13)) else {
                    throw ReportError(report: name, problem: "has a parameter that cannot be read: \(line)")
                }
                parameters.append(parameter)
            } else if line.hasPrefix("-- column ") {
                guard let column = ReportColumn(line.dropFirst(10)) else {
                    throw ReportError(report: name, problem: "has a column that cannot be read: \(line)")
                }
                columns.append(column)
            } else if !line.hasPrefix("--") {
                body.append(line)
            }
        }
        guard let title, !columns.isEmpty else {
            throw ReportError(report: name, problem: "has no title or no columns")
        }
        self.title = title
        self.parameters = parameters
        self.columns = columns
        self.body = body.joined(separator: "\n")
        guard takes("from") == takes("to") else {
            throw ReportError(
                report: name, problem: "has a first day without a day after the last, or the other way round")
        }
        let unknown = Self.placeholders(in: self.body).first { !isKnown($0) }
        if let unknown { throw ReportError(report: name, problem: "has no parameter :\(unknown)") }
    }

    /// Whether it can be asked for any days, not for a month alone.
    package var takesDays: Bool { takes("from") }

    package func takes(_ parameter: String) -> Bool { parameters.contains { $0.name == parameter } }

    /// Runs the report. Its column `team` tells what teams are called now.
    package func run(_ query: ReportQuery, _ connection: Connection) throws -> Report {
        try connection.transaction(isolation: .repeatableRead, readOnly: true) { transaction in
            if let frozen = try FrozenReport.read(name, query, transaction) { return frozen }
            let frame = try ReportFrame(query.range, transaction)
            let columns = shownColumns(query)
            let (rows, totals) = try cells(columns, query, transaction)
            return Report(
                name: name, title: title, query: query, frame: frame, columns: columns, rows: rows, totals: totals)
        }
    }

    /// The columns, with those of the groups that are asked for.
    func shownColumns(_ query: ReportQuery) -> [ReportColumn] {
        columns.flatMap { $0.kind == .group ? $0.groups(query.values[$0.name] ?? []) : [$0] }
    }

    private func cells(
        _ columns: [ReportColumn], _ query: ReportQuery, _ transaction: borrowing Transaction
    ) throws -> (rows: [[Report.Cell]], totals: [Report.Cell?]?) {
        let names = try TeamStore.names(transaction)
        var rows: [[Report.Cell]] = []
        var totals: [Report.Cell?]?
        for row in try transaction.query(statement(query)) {
            let cells = try columns.map { column -> Report.Cell in
                switch column.kind {
                case .text, .group:
                    let text = try row.decode(String?.self, named: column.source)
                    return .text(column.name == "team" ? names.called(text) : text)
                case .count: return .count(try row.decode(Int128?.self, named: column.source))
                case .usd, .price: return .usd(try row.decode(Int128?.self, named: column.source))
                }
            }
            if try row.decode(Bool.self, named: "is_total") {
                totals = zip(columns, cells).map { $0.isTotalled ? $1 : nil }
            } else {
                rows.append(cells)
            }
        }
        return (rows, totals)
    }
}

package struct ReportError: Error, CustomStringConvertible {
    let report: String
    let problem: String

    package var description: String { "The report \(report) \(problem)." }
}
