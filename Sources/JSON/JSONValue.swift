import Glibc

/// A value inside a `JSONDocument`.
package struct JSONValue: Sendable {
    let document: JSONDocument
    let index: Int

    private var token: JSONDocument.Token { document.tokens[index] }

    package var kind: JSONDocument.Kind { token.kind }
    package var isNull: Bool { kind == .null }

    /// The value as it was written; a string without its quotes.
    package var text: Substring.UTF8View {
        Substring(decoding: document.bytes[Int(token.start)..<Int(token.end)], as: UTF8.self).utf8
    }

    /// The value as it was written; a string with its quotes.
    package var source: String {
        let quotes = kind == .string ? 1 : 0
        return String(decoding: document.bytes[Int(token.start) - quotes..<Int(token.end) + quotes], as: UTF8.self)
    }

    package var string: String? {
        guard kind == .string else { return nil }
        let content = document.bytes[Int(token.start)..<Int(token.end)]
        return token.isEscaped ? JSONEscape.unescape(content) : String(decoding: content, as: UTF8.self)
    }

    package var bool: Bool? {
        guard kind == .bool else { return nil }
        return document.bytes[Int(token.start)] == UInt8(ascii: "t")
    }

    /// A whole number in the range of `Int64`, written without point and exponent.
    package var integer: Int64? {
        guard kind == .number else { return nil }
        var magnitude: Int64 = 0
        let isNegative = document.bytes[Int(token.start)] == UInt8(ascii: "-")
        for byte in document.bytes[Int(token.start) + (isNegative ? 1 : 0)..<Int(token.end)] {
            let digit = byte &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            let (tens, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            // Builds the value as a negative number, because only negative numbers reach Int64.min.
            let (sum, carry) = tens.subtractingReportingOverflow(Int64(digit))
            guard !overflow, !carry else { return nil }
            magnitude = sum
        }
        guard !isNegative else { return magnitude }
        return magnitude == .min ? nil : -magnitude
    }

    /// Where the value stands in its document. No two values of a document have the same place.
    package var place: Int { index }

    /// Whether the value is a number other than 0, or a string of digits that are not all 0.
    package var isCount: Bool {
        guard kind == .number || kind == .string, !token.isEscaped else { return false }
        var isZero = true
        for byte in document.bytes[Int(token.start)..<Int(token.end)] {
            let isDigit = byte &- UInt8(ascii: "0") <= 9
            if kind == .string, !isDigit { return false }
            if isDigit, byte != UInt8(ascii: "0") { isZero = false }
        }
        return !isZero
    }

    /// The number of tokens of this value and everything inside it.
    package var tokenCount: Int { Int(token.next) - index }

    /// The elements of an array; empty for any other kind.
    package var elements: JSONElements { JSONElements(container: self, kind: .array) }

    /// The fields of an object in the order they were written; empty for any other kind.
    package var fields: some Sequence<(name: String, value: JSONValue)> {
        var members = JSONElements(container: self, kind: .object).makeIterator()
        return AnyIterator {
            guard let name = members.next(), let value = members.next() else { return nil }
            return (name.string ?? "", value)
        }
    }

    /// The same, with each name as a value, so that no string is made of it.
    package func forEachField(_ body: (_ name: JSONValue, _ value: JSONValue) -> Void) {
        var members = JSONElements(container: self, kind: .object)
        while let name = members.next(), let value = members.next() { body(name, value) }
    }

    package subscript(name: StaticString) -> JSONValue? {
        guard kind == .object else { return nil }
        return document.member(named: name, of: index).map { JSONValue(document: document, index: $0 + 1) }
    }

    /// Which of `names` (at most 64) the object has, as bits by their place. One pass over the object finds them all.
    package func fields(among names: [StaticString]) -> UInt64 {
        precondition(names.count <= UInt64.bitWidth)
        return kind == .object ? document.members(among: names, of: index) : 0
    }
}

// These methods work on token indexes, because making a value of each member on the way would cost more than the
// search.
extension JSONDocument {
    /// The place of an object's first member of this name.
    fileprivate func member(named name: StaticString, of object: Int) -> Int? {
        tokens.withUnsafeBufferPointer { tokens in
            let end = Int(tokens[object].next)
            var member = object + 1
            while member < end {
                let (key, length) = (tokens[member], Int(tokens[member].end - tokens[member].start))
                if key.isEscaped || length == name.utf8CodeUnitCount, isString(name, at: member) { return member }
                member = Int(tokens[member + 1].next)
            }
            return nil
        }
    }

    fileprivate func members(among names: [StaticString], of object: Int) -> UInt64 {
        tokens.withUnsafeBufferPointer { tokens in
            let end = Int(tokens[object].next)
            var found: UInt64 = 0
            var member = object + 1
            while member < end {
                let (key, length) = (tokens[member], Int(tokens[member].end - tokens[member].start))
                for place in names.indices where key.isEscaped || names[place].utf8CodeUnitCount == length {
                    if isString(names[place], at: member) { found |= 1 << place }
                }
                member = Int(tokens[member + 1].next)
            }
            return found
        }
    }
}

extension JSONDocument {
    /// Whether the string of this token equals `name`. Makes no string unless the token has escapes.
    func isString(_ name: StaticString, at index: Int) -> Bool {
        let token = tokens[index]
        guard !token.isEscaped else { return JSONValue(document: self, index: index).string == name.description }
        guard Int(token.end - token.start) == name.utf8CodeUnitCount else { return false }
        return bytes.withUnsafeBytes { bytes in
            memcmp(bytes.baseAddress! + Int(token.start), name.utf8Start, name.utf8CodeUnitCount) == 0
        }
    }
}

/// The direct children of a container. For an object, its names and values alternate.
package struct JSONElements: Sequence, IteratorProtocol {
    private let document: JSONDocument
    private var index: Int
    private let end: Int

    init(container: JSONValue, kind: JSONDocument.Kind) {
        document = container.document
        index = container.index + 1
        end = container.kind == kind ? Int(document.tokens[container.index].next) : index
    }

    package mutating func next() -> JSONValue? {
        guard index < end else { return nil }
        defer { index = Int(document.tokens[index].next) }
        return JSONValue(document: document, index: index)
    }
}
