import Accounting
import JSON
import Wording

/// The result of a report; every output format has the same cells.
package struct Report: Sendable {
    package enum Cell: Sendable {
        case text(String?)
        /// Sums of counts may exceed 64 bits.
        case count(Int128?)
        /// In nanodollars. Sums of amounts may exceed the range of `Money`.
        case usd(Int128?)

        /// The cell's text in CSV and tables; empty if the cell has no value.
        package var text: String {
            switch self {
            case .text(let text): text ?? ""
            case .count(let count): count.map(String.init) ?? ""
            case .usd(let amount): amount.map(Self.usd) ?? ""
            }
        }

        fileprivate static func usd(_ nanodollars: Int128) -> String {
            FixedPoint.text(nanodollars, places: Money.places)
        }

        fileprivate var amount: Int128 {
            switch self {
            case .text: 0
            case .count(let count): count ?? 0
            case .usd(let amount): amount ?? 0
            }
        }
    }

    package let definition: ReportDefinition
    package let month: CalendarMonth
    /// The accounting time zone, in which the month is one.
    package let zone: Zone
    /// When the rows were read.
    package let asOf: Timestamp
    package let isClosed: Bool
    /// The release of the price book that was in force then; nil if none was loaded.
    package let release: PriceRelease?
    package let rows: [[Cell]]

    private var columns: [ReportDefinition.Column] { definition.columns }

    /// The sums of the totalled columns; nil if the report has no such column.
    package var totals: [Cell?]? {
        guard columns.contains(where: \.isTotalled) else { return nil }
        return columns.indices.map { index in
            guard columns[index].isTotalled else { return nil }
            let sum = rows.reduce(Int128(0)) { $0 + $1[index].amount }
            return columns[index].kind == .usd ? .usd(sum) : .count(sum)
        }
    }

    /// Writes the fields of a report into an object.
    package func write(to writer: inout JSONWriter) {
        writer.field("report", definition.name)
        writer.field("title", definition.title)
        writer.field("month", month.description)
        writer.field("from", month.firstDay.description)
        writer.field("to", CalendarMonth(number: month.number + 1).firstDay.description)
        writer.field("time_zone", zone.name)
        writer.field("as_of", asOf.description)
        writer.priceBook(release)
        writer.field("state", isClosed ? "closed" : "open")
        writer.name("columns")
        writer.array(columns) { writer, column in
            writer.object {
                $0.field("name", column.name)
                $0.field("title", column.title)
                $0.field("unit", column.kind.rawValue)
            }
        }
        writer.name("rows")
        writer.array(rows) { writer, row in
            writer.object { for (column, cell) in zip(columns, row) { cell.write(to: &$0, column.name) } }
        }
        writer.name("totals")
        if let totals {
            writer.object { for (column, cell) in zip(columns, totals) { cell?.write(to: &$0, column.name) } }
        } else {
            writer.string(nil)
        }
    }

    /// CSV by RFC 4180, with a header and without totals, so that a sum over a column is right.
    package var csv: String {
        let lines = [columns.map(\.name)] + rows.map { $0.map(\.text) }
        return lines.map(CSVText.record).joined()
    }
}

extension Report.Cell {
    fileprivate func write(to writer: inout JSONWriter, _ name: String) {
        switch self {
        case .text(let text): writer.field(named: name, text)
        case .count(let count):
            writer.name(of: name)
            writer.verbatim(count.map(String.init) ?? "null")
        case .usd(let amount): writer.field(named: name, amount.map(Self.usd))
        }
    }
}
