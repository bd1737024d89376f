/// One parsed JSON text: the bytes and a flat list of tokens over them.
///
/// Values are views into the document, and strings are made only on demand, so parsing a request costs three
/// allocations whatever its shape. Numbers stay text: money and tokens never pass through binary floating point.
package final class JSONDocument: Sendable {
    package enum Kind: UInt8, Sendable { case object, array, string, number, bool, null }

    struct Token: Sendable {
        let kind: Kind
        /// Whether a string holds escapes and must be unescaped to be read.
        var isEscaped = false
        /// The value's text in `bytes`; for a string, without its quotes.
        let start: UInt32
        var end: UInt32
        /// The index of the first token after this value and everything inside it.
        var next: UInt32
    }

    let bytes: [UInt8]
    let tokens: [Token]

    /// Deeper nesting than this is refused as malformed.
    package static let maximumDepth = 32

    package var root: JSONValue { JSONValue(document: self, index: 0) }

    /// Parses one complete RFC 8259 text of at most 4 GiB.
    package init(_ bytes: [UInt8]) throws(JSONFailure) {
        self.bytes = bytes
        tokens = try JSONScanner.scan(bytes)
    }

    package convenience init(text: String) throws(JSONFailure) { try self.init(Array(text.utf8)) }
}
