import JSON
import Wording

/// Rows to show: as a table to people, as CSV to other programs.
struct Listing {
    struct Heading {
        var name: String
        var title: String
        var isWide = false
        var isDrawn = false
        var spare: Int?

        init(_ column: Column) {
            (name, title, isWide, isDrawn) = (column.name, column.title, column.isWide, column.isDrawn)
            spare = column.spare
        }

        init(name: String, title: String) { (self.name, self.title) = (name, title) }
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
            headings: columns.map(Heading.init),
            rows: objects.map { object in columns.map { $0.cell(object) } })
    }

    /// CSV (RFC 4180) with a header line. The totals are left out, because the programs that read CSV compute their
    /// own.
    var csv: String {
        let listing = keeping { !headings[$0].isDrawn }
        return CSVText.record(listing.headings.map(\.name))
            + listing.rows.map { CSVText.record($0.map(\.plain)) }.joined()
    }

    func fits(_ width: Int, _ display: Display) -> Bool { layout(display).totalWidth <= width }

    private func layout(_ display: Display) -> TableLayout {
        var layout = TableLayout(titles: headings.map(\.title), display)
        layout.fit(rows + (totals.map { [$0] } ?? []))
        return layout
    }

    func table(_ display: Display) -> String {
        let listing = withoutWideColumns
        let layout = listing.layout(display)
        var lines = [display.takesColour ? "\u{1B}[1m\(layout.header)\u{1B}[0m" : layout.header]
        lines += listing.rows.map(layout.line)
        if let totals = listing.totals { lines += [layout.rule, layout.line(totals)] }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Each row as a block of its own, with one line for each value.
    func records(_ display: Display) -> String {
        let listing = keeping { !headings[$0].isDrawn }
        return listing.rows.map { listing.record($0, display) }.joined(separator: "\n")
    }

    /// Values that are nil have no line.
    func record(_ row: [Cell?], _ display: Display) -> String {
        let titleWidth = headings.map { $0.title.count }.max() ?? 0
        return zip(headings, row).compactMap { heading, cell in
            guard let cell else { return nil }
            // Only headings that are written in capitals for a table are not meant so.
            let isLoud = heading.title == heading.title.uppercased()
            let title = isLoud ? heading.title.lowercased() : heading.title
            let padding = String(repeating: " ", count: titleWidth - title.count)
            return "\(title)\(padding)  \(cell.shown(in: display))\n"
        }.joined()
    }

    /// Without the columns that have nothing in any row.
    var withoutEmptyColumns: Listing {
        keeping { column in rows.contains { $0[column] != .absent } }
    }

    var withoutWideColumns: Listing { keeping { !headings[$0].isWide } }

    func keeping(_ isKept: (Int) -> Bool) -> Listing {
        let kept = headings.indices.filter(isKept)
        return Listing(
            headings: kept.map { headings[$0] }, rows: rows.map { row in kept.map { row[$0] } },
            totals: totals.map { totals in kept.map { totals[$0] } })
    }
}
