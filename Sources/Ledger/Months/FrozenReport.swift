import Accounting
import JSON
import Postgres

/// A report of a month as it was when the month closed (table `month_report`): its columns and cells, with the names that
/// teams had.
enum FrozenReport {
    /// The report as the last close of the month has it; nil where the month is open, or closed without this report.
    static func read(
        _ definition: ReportDefinition, month: CalendarMonth, team: String?, _ transaction: borrowing Transaction
    ) throws -> Report? {
        let rows = try transaction.query(
            """
            SELECT r.content::text, c.closed_at, d.accounting_time_zone
            FROM month m JOIN month_close c USING (month) JOIN month_report r USING (month, version), deployment d
            WHERE m.month = \(month.firstDay) AND m.state = 'closed' AND r.report = \(definition.name)
                AND r.team = \(team ?? "")
            ORDER BY c.version DESC LIMIT 1
            """)
        guard let row = rows.first else { return nil }
        let (content, closedAt, zone) = try row.decode((String, Timestamp, String).self)
        return try report(content, definition.name, month, closedAt, zone)
    }

    /// What is stored of a report.
    static func content(_ report: Report) -> String {
        var writer = JSONWriter(capacity: 4_096)
        writer.object {
            $0.field("definition", report.definition.header)
            $0.priceBook(report.release)
            $0.name("rows")
            $0.array(report.rows) { writer, row in
                writer.array(row) { $0.string($1.stored) }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func report(
        _ content: String, _ name: String, _ month: CalendarMonth, _ closedAt: Timestamp, _ zoneName: String
    ) throws -> Report {
        let json = try JSONDocument(Array(content.utf8)).root
        guard let zone = Zone(name: zoneName) else { throw StoreFailure.unknownTimeZone(zoneName) }
        guard let header = json["definition"]?.string, let rows = json["rows"] else {
            throw ReportError(report: name, problem: "cannot be read as it was when \(month) closed")
        }
        let definition = try ReportDefinition(name: name, text: header)
        return Report(
            definition: definition, month: month, zone: zone, asOf: closedAt, isClosed: true,
            release: release(json["price_book"]),
            rows: rows.elements.map { row in
                zip(definition.columns, row.elements).map { Report.Cell($0.kind, stored: $1.string) }
            })
    }

    private static func release(_ json: JSONValue?) -> PriceRelease? {
        guard let version = json?["version"]?.string,
            let date = json?["date"]?.string.flatMap({ CalendarDay(text: $0) })
        else { return nil }
        return PriceRelease(version: version, date: date, sources: [])
    }
}

extension ReportDefinition {
    /// The comments at the top of the file, which say what the columns are.
    fileprivate var header: String {
        let lines = columns.map { column in
            "-- column \(column.name): \(column.title) | \(column.kind.rawValue)\(column.isTotalled ? " | total" : "")"
        }
        return (["-- title: \(title)"] + lines).joined(separator: "\n")
    }
}

extension Report.Cell {
    /// The cell as a text that loses nothing.
    fileprivate var stored: String? {
        switch self {
        case .text(let text): text
        case .count(let number), .usd(let number): number.map { String($0) }
        }
    }

    fileprivate init(_ kind: ReportDefinition.Kind, stored: String?) {
        self =
            switch kind {
            case .text: .text(stored)
            case .count: .count(stored.flatMap { Int128($0) })
            case .usd: .usd(stored.flatMap { Int128($0) })
            }
    }
}
