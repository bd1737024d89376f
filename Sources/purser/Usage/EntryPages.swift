import JSON
import Wording

/// Formats pages of entries as one continuous text.
struct EntryPages {
    let format: OutputFormat
    let columns: [Column]
    private var layout: TableLayout

    private let shownColumns: [Column]

    init(format: OutputFormat, columns: [Column]) {
        self.format = format
        self.columns = columns
        shownColumns = columns.filter { !$0.isWide }
        layout = TableLayout(titles: shownColumns.map(\.title), Display())
    }

    /// The text of the next page. Only the first page has headings.
    mutating func text(_ entries: [JSONValue], isFirst: Bool) -> String {
        switch format {
        case .json: return entries.map { $0.source + "\n" }.joined()
        case .csv:
            let header = isFirst ? CSVText.record(columns.map(\.name)) : ""
            return header + entries.map { entry in CSVText.record(columns.map { $0.cell(entry).plain }) }.joined()
        case .table:
            let rows = entries.map { entry in shownColumns.map { $0.cell(entry) } }
            layout.fit(rows)
            let lines = (isFirst ? [layout.header] : []) + rows.map(layout.line)
            return lines.map { $0 + "\n" }.joined()
        }
    }
}
