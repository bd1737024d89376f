import Accounting
import JSON
import Postgres

/// A report of a month as it was when the month closed (table `month_report`): its columns and cells, with the names that
/// teams had. Users are kept by their ids, because their names may have to be erased.
enum FrozenReport {
    /// The report as the last close of its month has it. Nil where the query says more than a month and a team, the month is
    /// open, or its last close has not written this report down: reports of an earlier version are never told for it.
    static func read(_ name: String, _ query: ReportQuery, _ transaction: borrowing Transaction) throws -> Report? {
        guard let month = query.range.month, query.values.isEmpty else { return nil }
        let rows = try transaction.query(
            """
            SELECT r.content::text, c.closed_at, d.accounting_time_zone
            FROM month m JOIN month_close c USING (month) JOIN month_report r USING (month, version), deployment d
            WHERE m.month = \(month.firstDay) AND m.state = 'closed' AND r.report = \(name)
                AND r.team = \(query.team ?? "")
                AND c.version = (SELECT max(version) FROM month_close last WHERE last.month = m.month)
            """)
        guard let row = rows.first else { return nil }
        let (content, closedAt, zone) = try row.decode((String, Timestamp, String).self)
        guard let report = try report(content, name, query, closedAt, zone) else {
            throw ReportError(report: name, problem: "cannot be read as it was when \(month) closed")
        }
        let ids = report.texts(of: userColumn).compactMap { Int64($0) }
        if ids.isEmpty { return report }
        let names = try transaction.query("SELECT user_id::text, name FROM person WHERE user_id = ANY(\(ids))")
            .map { try $0.decode((String, String?).self) }
        let called = Dictionary(uniqueKeysWithValues: names.map { ($0, $1 ?? "erased") })
        return report.replacing(userColumn, by: called)
    }

    private static let userColumn = "user"

    /// What is stored of a report.
    static func content(_ told: Report, _ connection: Connection) throws -> String {
        let names = told.texts(of: userColumn)
        let ids =
            names.isEmpty
            ? []
            : try connection.query("SELECT name, user_id::text FROM person WHERE name = ANY(\(names))")
                .map { try $0.decode((String, String).self) }
        let report = told.replacing(userColumn, by: Dictionary(uniqueKeysWithValues: ids))
        var writer = JSONWriter(capacity: 4_096)
        writer.object {
            $0.field("title", report.title)
            $0.priceBook(report.frame.release)
            $0.name("columns")
            $0.array(report.columns) { writer, column in
                writer.object {
                    $0.field("name", column.name)
                    $0.field("title", column.title)
                    $0.field("kind", column.kind.rawValue)
                }
            }
            $0.name("rows")
            $0.array(report.rows) { writer, row in writer.array(row) { $0.string($1.stored) } }
            $0.name("totals")
            if let totals = report.totals {
                $0.array(totals) { writer, total in
                    // A column without a total, and a total of which nothing is known, are not the same.
                    writer.array([total].compactMap(\.self)) { $0.string($1.stored) }
                }
            } else {
                $0.null()
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func report(
        _ content: String, _ name: String, _ query: ReportQuery, _ closedAt: Timestamp, _ zoneName: String
    ) throws -> Report? {
        let json = try JSONDocument(Array(content.utf8)).root
        guard let zone = Zone(name: zoneName) else { throw StoreFailure.unknownTimeZone(zoneName) }
        guard let title = json["title"]?.string, let rows = json["rows"], let described = json["columns"] else {
            return nil
        }
        let columns = described.elements.compactMap { column -> ReportColumn? in
            guard let name = column["name"]?.string, let title = column["title"]?.string,
                let kind = column["kind"]?.string.flatMap(ReportColumn.Kind.init)
            else { return nil }
            return ReportColumn(frozen: name, title: title, kind: kind)
        }
        let totals: [Report.Cell?]? = json["totals"].flatMap { totals in
            totals.isNull
                ? nil
                : zip(columns, totals.elements).map { column, total in
                    total.elements.map { Report.Cell(column.kind, stored: $0.string) }.first
                }
        }
        return Report(
            name: name, title: title, query: query,
            frame: ReportFrame(zone: zone, closedAt: closedAt, release: release(json["price_book"])), columns: columns,
            rows: rows.elements.map { row in
                zip(columns, row.elements).map { Report.Cell($0.kind, stored: $1.string) }
            }, totals: totals)
    }

    private static func release(_ json: JSONValue?) -> PriceRelease? {
        guard let version = json?["version"]?.string,
            let date = json?["date"]?.string.flatMap({ CalendarDay(text: $0) })
        else { return nil }
        return PriceRelease(version: version, date: date, sources: [])
    }
}

extension Report {
    /// The texts of a column, where the report has it.
    fileprivate func texts(of column: String) -> [String] {
        guard let place = columns.firstIndex(where: { $0.name == column }) else { return [] }
        return rows.map { $0[place].text }.filter { !$0.isEmpty }
    }

    /// The report with other texts in a column; what has none stays.
    fileprivate func replacing(_ column: String, by texts: [String: String]) -> Report {
        guard let place = columns.firstIndex(where: { $0.name == column }) else { return self }
        var report = self
        for index in report.rows.indices {
            guard case .text(let old?) = report.rows[index][place], let new = texts[old] else { continue }
            report.rows[index][place] = .text(new)
        }
        return report
    }
}

extension Report.Cell {
    /// The cell as a text that loses nothing.
    fileprivate var stored: String? {
        switch self {
        case .text(let text): text
        case .count(let number), .usd(let number), .converted(let number): number.map { String($0) }
        }
    }

    fileprivate init(_ kind: ReportColumn.Kind, stored: String?) {
        self =
            switch kind {
            case .text, .group: .text(stored)
            case .count: .count(stored.flatMap { Int128($0) })
            case .usd, .price: .usd(stored.flatMap { Int128($0) })
            }
    }
}
