/// Reads CSV as RFC 4180 describes it. Lines may also end with a line feed alone.
///
/// A record that cannot be read is told, and reading goes on with the line after the one on which it begins, as importers do
/// that keep the good rows of a file (`on_bad_lines` of pandas, `ignore_errors` of DuckDB): a stray quote then costs its own
/// line, and not all lines up to the next quote.
package struct CSVRecords {
    package struct Record: Equatable {
        /// The line on which the record begins, from 1.
        package var line: Int
        package var fields: [String]
        /// The line on which it ends: another one where a field in quotes has line feeds.
        package var lastLine: Int

        package init(line: Int, fields: [String], lastLine: Int) {
            (self.line, self.fields, self.lastLine) = (line, fields, lastLine)
        }
    }

    package enum Row: Equatable {
        case record(Record)
        case unreadable(line: Int, detail: String)
    }

    private var feed: ByteFeed
    private var line = 1
    /// The bytes of the record that is being read.
    private var bytes: [UInt8] = []
    private var flaw: String?

    /// A longer record is refused, because it nearly always has a quote that was not closed.
    package static let maximumRecordBytes = 1 << 20

    package init(_ feed: ByteFeed) { self.feed = feed }

    /// The next row that is not an empty line.
    package mutating func next() throws -> Row? {
        while try feed.peek() != nil {
            let first = line
            bytes.removeAll(keepingCapacity: true)
            flaw = nil
            let fields = try nextFields()
            if let flaw {
                try goOnBehindLine(first)
                return .unreadable(line: first, detail: flaw)
            }
            if fields != [""] {
                let isEnded = bytes.last == UInt8(ascii: "\n")
                return .record(Record(line: first, fields: fields, lastLine: isEnded ? line - 1 : line))
            }
        }
        return nil
    }

    /// Puts back what was read behind the first line of a record, or skips the rest of that line.
    private mutating func goOnBehindLine(_ first: Int) throws {
        if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
            feed.putBack(bytes[(end + 1)...])
        } else {
            while let byte = try feed.next(), byte != UInt8(ascii: "\n") {}
        }
        line = first + 1
    }

    private mutating func take() throws -> UInt8? {
        guard let byte = try feed.next() else { return nil }
        bytes.append(byte)
        if byte == UInt8(ascii: "\n") { line += 1 }
        if bytes.count > Self.maximumRecordBytes { flaw = "the record has more than 1 MiB; is a quote not closed?" }
        return byte
    }

    private mutating func nextFields() throws -> [String] {
        var fields: [String] = []
        while true {
            let (field, isLast) = try nextField()
            guard flaw == nil else { return [] }
            guard let text = String(validating: field, as: UTF8.self) else {
                flaw = "it is not UTF-8"
                return []
            }
            fields.append(text)
            if isLast { return fields }
        }
    }

    private mutating func nextField() throws -> (bytes: [UInt8], isLast: Bool) {
        var field: [UInt8] = []
        if try feed.peek() == UInt8(ascii: "\"") {
            field = try quotedBytes()
            if flaw == nil { try requireFieldEnd() }
        }
        while flaw == nil, let byte = try take() {
            switch byte {
            case UInt8(ascii: ","): return (field, false)
            case UInt8(ascii: "\n"): return (field, true)
            case UInt8(ascii: "\r") where try feed.peek() == UInt8(ascii: "\n"): continue
            default: field.append(byte)
            }
        }
        return (field, true)
    }

    /// The content of a field in quotes.
    private mutating func quotedBytes() throws -> [UInt8] {
        _ = try take()
        var field: [UInt8] = []
        while flaw == nil, let byte = try take() {
            if byte == UInt8(ascii: "\"") {
                guard try feed.peek() == byte else { return field }
                _ = try take()
            }
            field.append(byte)
        }
        flaw = flaw ?? "it has a quote that is not closed"
        return []
    }

    /// Text after a closing quote belongs to no field; it is left where a quote inside of a text was not doubled.
    private mutating func requireFieldEnd() throws {
        switch try feed.peek() {
        case nil, UInt8(ascii: ","), UInt8(ascii: "\r"), UInt8(ascii: "\n"): return
        default: flaw = "it has text after a closing quote; a quote inside of a text is doubled"
        }
    }
}
