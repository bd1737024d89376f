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

    /// A table that is no wider than the terminal, whose broken lines nobody can read. Headings are wrapped, then columns are
    /// left out that say nothing in any row, and told. What is still too wide is shown as records.
    func fitting(_ display: Display) -> String {
        let listing = withoutWideColumns
        guard let width = display.width, !rows.isEmpty, !listing.fits(width, display) else { return table(display) }
        let saying = listing.keeping { column in listing.rows.contains { !$0[column].saysNothing } }
        if saying.fits(width, display) {
            let left = Set(listing.headings.map(\.title)).subtracting(saying.headings.map(\.title)).sorted()
            return saying.table(display)
                + "Left out, because nothing is in them: \(left.joined(separator: ", ")).\n"
        }
        return listing.records(display)
            + (listing.totals.map { "\n" + listing.record($0.map { $0 == .text("") ? nil : $0 }, display) } ?? "")
    }

    private func fits(_ width: Int, _ display: Display) -> Bool { layout(display).totalWidth <= width }

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
    func records(_ display: Display) -> String { rows.map { record($0, display) }.joined(separator: "\n") }

    /// Values that are nil have no line.
    private func record(_ row: [Cell?], _ display: Display) -> String {
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

    private var withoutWideColumns: Listing { keeping { !headings[$0].isWide } }

    private func keeping(_ isKept: (Int) -> Bool) -> Listing {
        let kept = headings.indices.filter(isKept)
        return Listing(
            headings: kept.map { headings[$0] }, rows: rows.map { row in kept.map { row[$0] } },
            totals: totals.map { totals in kept.map { totals[$0] } })
    }
}
