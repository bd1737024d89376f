import JSON
import Wording

/// Rows to show: as a table to people, as CSV to other programs.
struct Listing {
    struct Heading {
        var name: String
        var title: String
        var isWide = false
    }

    var headings: [Heading]
    var rows: [[Cell]]
    /// Sums, shown under the rows.
    var totals: [Cell]?

    init(headings: [Heading], rows: [[Cell]], totals: [Cell]? = nil) {
        self.headings = headings
        self.rows = rows
        self.totals = totals
    }

    init(_ objects: [JSONValue], columns: [Column]) {
        self.init(
            headings: columns.map { Heading(name: $0.name, title: $0.title, isWide: $0.isWide) },
            rows: objects.map { object in columns.map { $0.cell(object) } })
    }

    /// CSV (RFC 4180) with a header line. The totals are left out, because the programs that read CSV compute their
    /// own.
    var csv: String {
        CSVText.record(headings.map(\.name)) + rows.map { CSVText.record($0.map(\.plain)) }.joined()
    }

    func table(width: Int?, isStyled: Bool) -> String {
        let listing = withoutWideColumns
        var layout = TableLayout(titles: listing.headings.map(\.title))
        layout.fit(listing.rows + (listing.totals.map { [$0] } ?? []), width: width)
        var lines = [isStyled ? "\u{1B}[1m\(layout.header)\u{1B}[0m" : layout.header]
        lines += listing.rows.map(layout.line)
        if let totals = listing.totals { lines += [layout.rule, layout.line(totals)] }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Each row as a block of its own, with one line for each value.
    var records: String {
        let titleWidth = headings.map { $0.title.count }.max() ?? 0
        let records = rows.map { row in
            zip(headings, row).map { heading, cell in
                let title = heading.title.lowercased()
                let padding = String(repeating: " ", count: titleWidth - title.count)
                return "\(title)\(padding)  \(cell.shown(places: Phrase.minimumPlaces))\n"
            }.joined()
        }
        return records.joined(separator: "\n")
    }

    private var withoutWideColumns: Listing {
        let kept = headings.indices.filter { !headings[$0].isWide }
        return Listing(
            headings: kept.map { headings[$0] }, rows: rows.map { row in kept.map { row[$0] } },
            totals: totals.map { totals in kept.map { totals[$0] } })
    }
}
