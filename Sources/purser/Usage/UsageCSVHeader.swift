import JSON
import Wording

/// The columns of a CSV file of usage events, and how a row becomes an event.
struct UsageCSVHeader {
    let columns: [UsageCSVColumn]

    /// The columns that hold what the ledger makes itself.
    var made: [String] {
        columns.compactMap { if case .made(let name) = $0 { name } else { nil } }
    }

    init(_ names: [String]) throws(CommandFailure) {
        for (mark, name) in [(";", "semicolons"), ("\t", "tabs")] where names.count == 1 && names[0].contains(mark) {
            throw CommandFailure(.refused, "The header's columns are separated by \(name); use commas.")
        }
        var columns: [UsageCSVColumn] = []
        for name in names {
            let column = try UsageCSVColumn(name)
            guard !columns.contains(column) else {
                throw CommandFailure(.refused, "The header names the column '\(name)' twice.")
            }
            columns.append(column)
        }
        let hasMeters = columns.contains { $0.isMeter }
        guard !columns.contains(.tags) || !columns.contains(where: { if case .tag = $0 { true } else { false } }) else {
            throw CommandFailure(
                .refused, "The header has a column 'tags' beside columns of single tags; keep one kind.")
        }
        guard !hasMeters || !columns.contains(.usage) else {
            throw CommandFailure(
                .refused, "The header has a column 'usage' beside columns of single meters; keep one kind.")
        }
        self.columns = columns
    }

    func event(_ record: CSVRecords.Record) -> UsageEvent {
        guard record.fields.count == columns.count else {
            let end =
                record.lastLine > record.line ? " and ends on line \(record.lastLine); is a quote not closed?" : ""
            return .refused(
                line: record.line,
                detail: "it has \(Phrase.count(record.fields.count, "field")), the header \(columns.count)\(end)")
        }
        // An empty field of the record means that the event does not have the field.
        let cells = zip(columns, record.fields.map(CSVText.unguarded)).filter { !$0.1.isEmpty }
        for (column, text) in cells {
            if let detail = column.complaint(about: text) { return .refused(line: record.line, detail: detail) }
        }
        guard cells.contains(where: { $0.0.isQuantity }) else {
            return .refused(line: record.line, detail: "it has no quantity; write 0 where nothing was used")
        }
        return .ready(line: record.line, json: Self.json(cells))
    }

    private static func json(_ cells: [(UsageCSVColumn, String)]) -> [UInt8] {
        var writer = JSONWriter()
        var tags: [(String, String)] = []
        var meters: [(String, String)] = []
        var (usage, allTags): (String?, String?)
        writer.object { writer in
            for (column, text) in cells {
                switch column {
                case .text(let name): writer.field(named: name, text)
                case .number(let name):
                    writer.name(of: name)
                    writer.verbatim(text)
                case .tag(let key): tags.append((key, text))
                case .meter(let name): meters.append((name, text))
                case .usage: usage = text
                case .tags: allTags = text
                case .kind, .made: continue
                }
            }
            if let allTags {
                writer.name("tags")
                writer.verbatim(inOneLine(allTags))
            } else if !tags.isEmpty {
                writer.name("tags")
                writer.object { writer in
                    for (key, value) in tags { writer.field(named: key, value) }
                }
            }
            writer.name("usage")
            if let usage {
                writer.verbatim(inOneLine(usage))
            } else {
                writer.object { writer in
                    for (meter, quantity) in meters {
                        writer.name(of: meter)
                        writer.verbatim(quantity)
                    }
                }
            }
        }
        return writer.bytes
    }

    /// An event must be one line, so line feeds become spaces.
    private static func inOneLine(_ json: String) -> [UInt8] {
        json.utf8.map { $0 == UInt8(ascii: "\n") ? UInt8(ascii: " ") : $0 }
    }

    /// The column from which the field came that a JSON pointer leads to, as the header calls it.
    func name(of pointer: String) -> String {
        let path = pointer.dropFirst()
        func isIn(_ group: String) -> Bool { path.hasPrefix(group + "/") }
        let last = path.split(separator: "/", maxSplits: 1).last.map(JSONFields.unescaped) ?? ""
        if isIn("usage"), !columns.contains(.usage) { return last }
        if isIn("tags"), !columns.contains(.tags) { return "tags.\(last)" }
        return String(path)
    }
}
