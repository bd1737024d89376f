/// Turns bytes into tokens, checking the grammar of RFC 8259 and the encoding of strings as it goes.
struct JSONScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var depth = 0
    private var tokens: [JSONDocument.Token] = []

    static func scan(_ bytes: [UInt8]) throws(JSONFailure) -> [JSONDocument.Token] {
        // A closure that throws would lose the type of its error.
        let result = bytes.withUnsafeBufferPointer { bytes -> Result<[JSONDocument.Token], JSONFailure> in
            var scanner = JSONScanner(bytes: bytes)
            do throws(JSONFailure) {
                try scanner.scanDocument()
                return .success(scanner.tokens)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        tokens.reserveCapacity(bytes.count / 8 + 4)
    }

    private mutating func scanDocument() throws(JSONFailure) {
        guard bytes.count < Int(UInt32.max) else { throw malformed("the text is too long") }
        skipSpace()
        try scanValue()
        skipSpace()
        guard position == bytes.count else { throw malformed("there is more after the end of the value") }
    }

    private func malformed(_ detail: String) -> JSONFailure { .malformed(detail: detail, offset: position) }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position += 1
            default: return
            }
        }
    }

    private mutating func scanValue() throws(JSONFailure) {
        guard position < bytes.count else { throw malformed("the text ends in the middle") }
        switch bytes[position] {
        case UInt8(ascii: "{"): try scanContainer(.object, closing: UInt8(ascii: "}"))
        case UInt8(ascii: "["): try scanContainer(.array, closing: UInt8(ascii: "]"))
        case UInt8(ascii: "\""): try scanString()
        case UInt8(ascii: "t"): try scanWord("true", .bool)
        case UInt8(ascii: "f"): try scanWord("false", .bool)
        case UInt8(ascii: "n"): try scanWord("null", .null)
        default: try scanNumber()
        }
    }

    private mutating func scanContainer(_ kind: JSONDocument.Kind, closing: UInt8) throws(JSONFailure) {
        depth += 1
        guard depth <= JSONDocument.maximumDepth else { throw malformed("the value is nested too deeply") }
        let own = tokens.count
        tokens.append(.init(kind: kind, start: UInt32(position), end: 0, next: 0))
        position += 1
        skipSpace()
        if position < bytes.count, bytes[position] == closing {
            position += 1
        } else {
            try scanMembers(of: kind, closing: closing)
        }
        tokens[own].end = UInt32(position)
        tokens[own].next = UInt32(tokens.count)
        depth -= 1
    }

    private mutating func scanMembers(of kind: JSONDocument.Kind, closing: UInt8) throws(JSONFailure) {
        while true {
            if kind == .object {
                guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                    throw malformed("a field name in quotes is expected")
                }
                try scanString()
                skipSpace()
                guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else {
                    throw malformed("a colon is expected")
                }
                position += 1
                skipSpace()
            }
            try scanValue()
            skipSpace()
            guard position < bytes.count else { throw malformed("the text ends in the middle") }
            let byte = bytes[position]
            position += 1
            if byte == closing { return }
            guard byte == UInt8(ascii: ",") else {
                position -= 1
                throw malformed("a comma or the end of the list is expected")
            }
            skipSpace()
        }
    }

    private mutating func scanWord(_ word: StaticString, _ kind: JSONDocument.Kind) throws(JSONFailure) {
        let start = position
        let matches = word.withUTF8Buffer { expected in
            position + expected.count <= bytes.count
                && bytes[position..<position + expected.count].elementsEqual(expected)
        }
        guard matches else { throw malformed("true, false or null is expected") }
        position += word.utf8CodeUnitCount
        append(kind, from: start, to: position)
    }

    private mutating func scanNumber() throws(JSONFailure) {
        let start = position
        skip(UInt8(ascii: "-"))
        let isZero = position < bytes.count && bytes[position] == UInt8(ascii: "0")
        let integerDigits = skipDigits()
        guard integerDigits > 0, !isZero || integerDigits == 1 else { throw malformed("a value is expected") }
        if skip(UInt8(ascii: ".")), skipDigits() == 0 { throw malformed("digits are expected after the point") }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            if !skip(UInt8(ascii: "+")) { skip(UInt8(ascii: "-")) }
            if skipDigits() == 0 { throw malformed("digits are expected in the exponent") }
        }
        append(.number, from: start, to: position)
    }

    @discardableResult private mutating func skip(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") <= 9 { position += 1 }
        return position - start
    }

    private mutating func scanString() throws(JSONFailure) {
        position += 1
        let start = position
        var isEscaped = false
        var isPlainASCII = true
        position = JSONEscape.plainEnd(of: bytes, from: position)
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            let byte = bytes[position]
            guard byte >= 0x20 else { throw malformed("a control character in a string must be escaped") }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                position += 1
            }
            if byte >= 0x80 { isPlainASCII = false }
            position = JSONEscape.plainEnd(of: bytes, from: position + 1)
        }
        guard position < bytes.count else { throw malformed("a string is not closed") }
        let content = bytes[start..<position]
        if !isPlainASCII, String(validating: content, as: UTF8.self) == nil { throw malformed("a string is not UTF-8") }
        if isEscaped, JSONEscape.unescape(Array(content)[...]) == nil { throw malformed("a string has a wrong escape") }
        append(.string, from: start, to: position, isEscaped: isEscaped)
        position += 1
    }

    private mutating func append(_ kind: JSONDocument.Kind, from start: Int, to end: Int, isEscaped: Bool = false) {
        tokens.append(
            .init(
                kind: kind, isEscaped: isEscaped, start: UInt32(start), end: UInt32(end), next: UInt32(tokens.count + 1)
            ))
    }
}
