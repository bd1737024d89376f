import Accounting
import Wording

extension Report {
    /// One page that needs nothing else: no script, no address. Every text in it is escaped.
    ///
    /// - Parameter team: what the team of the query is called.
    package func html(team: String? = nil) -> String {
        let time = Phrase.time(Phrase.withoutFraction(frame.asOf.description))
        var facts = [
            "\(query.range.text) in \(frame.zone.name)", team.map { "team \($0)" } ?? "all teams",
            frame.isClosed ? "closed" : "open", "as of \(time)",
        ]
        for (name, values) in query.values.sorted(by: { $0.key < $1.key }) {
            facts.append("\(name) \(values.joined(separator: ", "))")
        }
        if let currency { facts.append("in \(currency.currency) at \(currency.perUSD) of \(currency.day)") }
        if let release = frame.release { facts.append("price book \(release.version)") }
        let heads = columns.map { #"<th\#(Self.style($0)) scope="col">\#(Self.escaped($0.title))</th>"# }.joined()
        let lines = rows.map { row in "<tr>" + cells(row) + "</tr>\n" }.joined()
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(Self.escaped("\(title), \(query.range.text)"))</title>
            <style>
            body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; }
            table { border-collapse: collapse; }
            th, td { padding: .3em .8em; text-align: left; border-bottom: 1px solid #ccc; }
            .number { text-align: right; font-variant-numeric: tabular-nums; }
            tfoot td { font-weight: bold; border-top: 2px solid; }
            </style>
            </head>
            <body>
            <h1>\(Self.escaped(title))</h1>
            <p>\(Self.escaped(facts.joined(separator: ", ")))</p>
            <table>
            <thead><tr>\(heads)</tr></thead>
            <tbody>
            \(lines)</tbody>
            \(foot)</table>
            </body>
            </html>

            """
    }

    private var foot: String {
        guard let totals else { return "" }
        var shown = totals.map { $0 ?? .text(nil) }
        if columns.first?.isTotalled == false { shown[0] = .text("Total") }
        return "<tfoot><tr>" + cells(shown) + "</tr></tfoot>\n"
    }

    private func cells(_ row: [Cell]) -> String {
        zip(columns, row).map { "<td\(Self.style($0))>\(Self.content($1, of: $0))</td>" }.joined()
    }

    /// What people read of a cell: amounts to the cent, unless one unit costs them. The exact value is there for programs.
    private static func content(_ cell: Cell, of column: ReportColumn) -> String {
        let exact = cell.text
        let shown: String
        switch cell {
        case .text: return escaped(exact)
        case .count(nil), .usd(nil), .converted(nil): return "–"
        case .count: shown = Phrase.number(exact)
        case _ where column.kind == .price: shown = exact
        case .usd: shown = Phrase.cents(exact)
        case .converted: shown = Phrase.cents(exact, mark: "")
        }
        return #"<data value="\#(exact)">\#(escaped(shown))</data>"#
    }

    private static func style(_ column: ReportColumn) -> String {
        [.count, .usd, .price].contains(column.kind) ? #" class="number""# : ""
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.append(character)
            }
        }
    }
}
