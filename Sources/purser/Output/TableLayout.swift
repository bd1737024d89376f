import Wording

/// The columns of a table on a terminal: their widths, and the alignment of their values.
struct TableLayout {
    private struct Layout {
        var title: String
        var width: Int
        /// The width of the widest value.
        var valueWidth = 0
        var isRightAligned = false
        /// All exact amounts of a column have the same number of decimal places, so that their decimal points are aligned.
        var places = Phrase.minimumPlaces
        var isProse = false
    }

    private var columns: [Layout]
    private let display: Display

    private static let gap = "  "
    private static let minimumProseWidth = 16

    init(titles: [String], _ display: Display) {
        self.display = display
        columns = titles.map { Layout(title: $0, width: DisplayWidth.of($0)) }
    }

    /// Widens the columns to fit `rows`. No column becomes narrower, so that later rows are aligned with earlier ones.
    /// Only where the table is wider than the terminal, headings are wrapped, and then the prose columns shrink.
    mutating func fit(_ rows: [[Cell]]) {
        for row in rows {
            for (index, cell) in row.enumerated() {
                if cell.isNumeric { columns[index].isRightAligned = true }
                columns[index].places = max(columns[index].places, cell.places(in: display))
                if case .prose = cell { columns[index].isProse = true }
            }
        }
        for row in rows {
            for (index, cell) in row.enumerated() {
                let shown = DisplayWidth.of(cell.shown(in: display, places: columns[index].places))
                columns[index].valueWidth = max(columns[index].valueWidth, shown)
                columns[index].width = max(columns[index].width, shown)
            }
        }
        guard let width = display.width else { return }
        wrapHeadings(to: width)
        shrinkProse(to: width)
    }

    /// Narrows the columns that only their headings make wide, the widest of these first.
    private mutating func wrapHeadings(to width: Int) {
        while totalWidth > width {
            let spare = columns.map { $0.width - max($0.valueWidth, Wrapping.narrowest($0.title)) }
            guard let most = spare.max(), most > 0 else { return }
            columns[spare.firstIndex(of: most)!].width -= 1
        }
    }

    private mutating func shrinkProse(to width: Int) {
        for index in columns.indices.reversed() where columns[index].isProse {
            let excess = totalWidth - width
            guard excess > 0 else { return }
            columns[index].width = max(min(columns[index].width, Self.minimumProseWidth), columns[index].width - excess)
        }
    }

    /// Of the lines, without what a terminal makes of longer ones.
    var totalWidth: Int { columns.reduce(0) { $0 + $1.width } + Self.gap.count * max(0, columns.count - 1) }

    /// The headings, those of more than one line with their last line above the values.
    var header: String {
        let headings = columns.map { Wrapping.lines($0.title, width: $0.width) }
        let height = headings.map(\.count).max() ?? 0
        return (0..<height).map { row in
            joined(headings.map { row < height - $0.count ? "" : $0[row - (height - $0.count)] })
        }.joined(separator: "\n")
    }

    var rule: String { joined(columns.map { String(repeating: "-", count: $0.width) }) }

    /// A row; of several lines where prose is wider than its column.
    func line(_ row: [Cell]) -> String {
        let texts = zip(columns, row).map { column, cell in
            let shown = cell.shown(in: display, places: column.places)
            if case .prose = cell { return Wrapping.lines(shown, width: column.width) }
            return [shown]
        }
        let height = texts.map(\.count).max() ?? 0
        return (0..<height).map { line in
            let levels = display.takesColour && line == 0 ? row.map(\.level) : []
            return joined(texts.map { line < $0.count ? $0[line] : "" }, levels: levels)
        }.joined(separator: "\n")
    }

    /// - Parameter levels: of the texts that have a colour.
    private func joined(_ texts: [String], levels: [Level?] = []) -> String {
        var line = ""
        for (index, (column, text)) in zip(columns, texts).enumerated() {
            if index > 0 { line += Self.gap }
            let padding = String(repeating: " ", count: max(0, column.width - DisplayWidth.of(text)))
            let coloured = index < levels.count ? levels[index]?.coloured(text) ?? text : text
            line += column.isRightAligned ? padding + coloured : coloured + padding
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}
