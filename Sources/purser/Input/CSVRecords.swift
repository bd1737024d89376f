/// Reads CSV as RFC 4180 describes it. Lines may also end with a line feed alone.
struct CSVRecords {
    struct Record: Equatable {
        /// The line on which the record begins, from 1.
        var line: Int
        var fields: [String]
    }

    private var feed: ByteFeed
    private var line = 1

    /// A longer record is refused, because it nearly always has a quote that was not closed.
    static let maximumRecordBytes = 1 << 20

    init(_ feed: ByteFeed) { self.feed = feed }

    /// The next record that is not an empty line.
    mutating func next() throws(CommandFailure) -> Record? {
        while try feed.peek() != nil {
            let first = line
            let fields = try nextFields()
            if fields != [""] { return Record(line: first, fields: fields) }
        }
        return nil
    }

    private mutating func nextFields() throws(CommandFailure) -> [String] {
        let first = line
        var fields: [String] = []
        var size = 0
        while true {
            let (field, isLast) = try nextField(recordLine: first)
            size += field.count
            guard size <= Self.maximumRecordBytes else { throw Self.tooLong(first) }
            guard let text = String(validating: field, as: UTF8.self) else {
                throw CommandFailure(.refused, "Line \(first) is not UTF-8.")
            }
            fields.append(text)
            if isLast { return fields }
        }
    }

    private mutating func nextField(recordLine: Int) throws(CommandFailure) -> (bytes: [UInt8], isLast: Bool) {
        var field: [UInt8] = []
        if try feed.peek() == UInt8(ascii: "\"") {
            _ = try feed.next()
            field = try quotedBytes(recordLine: recordLine)
            try requireFieldEnd()
        }
        while let byte = try feed.next() {
            switch byte {
            case UInt8(ascii: ","): return (field, false)
            case UInt8(ascii: "\n"):
                line += 1
                return (field, true)
            case UInt8(ascii: "\r") where try feed.peek() == UInt8(ascii: "\n"): continue
            default: field.append(byte)
            }
            guard field.count <= Self.maximumRecordBytes else { throw Self.tooLong(recordLine) }
        }
        return (field, true)
    }

    /// The content after an opening quote, up to and without the closing one.
    private mutating func quotedBytes(recordLine: Int) throws(CommandFailure) -> [UInt8] {
        var field: [UInt8] = []
        while let byte = try feed.next() {
            if byte == UInt8(ascii: "\"") {
                guard try feed.peek() == byte else { return field }
                _ = try feed.next()
            }
            if byte == UInt8(ascii: "\n") { line += 1 }
            field.append(byte)
            guard field.count <= Self.maximumRecordBytes else { throw Self.tooLong(recordLine) }
        }
        throw CommandFailure(.refused, "Line \(recordLine) has a quote that is not closed.")
    }

    /// Text after a closing quote belongs to no field; it is left where a quote inside of a text was not doubled.
    private mutating func requireFieldEnd() throws(CommandFailure) {
        switch try feed.peek() {
        case nil, UInt8(ascii: ","), UInt8(ascii: "\r"), UInt8(ascii: "\n"): return
        default: throw CommandFailure(.refused, "Line \(line) has text after a closing quote.")
        }
    }

    private static func tooLong(_ line: Int) -> CommandFailure {
        CommandFailure(.refused, "Line \(line) begins a record of more than 1 MiB; is a quote not closed?")
    }
}
