import Accounting
import JSON

extension Report {
    /// Writes the fields of a report into an object.
    ///
    /// - Parameter team: what the team of the query is called.
    package func write(to writer: inout JSONWriter, team: String? = nil) {
        writer.field("report", name)
        writer.field("title", title)
        writer.field("month", query.range.month?.description)
        writer.field("from", query.range.from.description)
        writer.field("to", query.range.to.description)
        writer.field("time_zone", frame.zone.name)
        writer.field("as_of", frame.asOf.description)
        writer.priceBook(frame.release)
        writer.name("currency")
        writer.object { writer in
            writer.field("code", currency?.currency ?? "USD")
            writer.field("per_usd", currency?.perUSD ?? "1")
            writer.field("date", currency?.day.description)
        }
        writer.field("state", frame.isClosed ? "closed" : "open")
        writer.field("team", team)
        writer.name("parameters")
        writer.object { writer in
            for (name, values) in query.values.sorted(by: { $0.key < $1.key }) {
                writer.name(of: name)
                writer.array(values) { $0.string($1) }
            }
        }
        writer.name("columns")
        writer.array(columns) { writer, column in
            writer.object {
                $0.field(named: "name", column.name)
                $0.field("title", column.title)
                $0.field("unit", column.kind == .usd ? unitOfAmounts : column.kind.rawValue)
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

    private var unitOfAmounts: String { (currency?.currency ?? "USD").lowercased() }
}

extension Report.Cell {
    fileprivate func write(to writer: inout JSONWriter, _ name: String) {
        switch self {
        case .text(let text): writer.field(named: name, text)
        case .count(let count):
            writer.name(of: name)
            writer.verbatim(count.map(String.init) ?? "null")
        case .usd(let amount): writer.field(named: name, amount.map(Self.usd))
        case .converted(let amount): writer.field(named: name, amount.map(Self.converted))
        }
    }
}
