/// Writes one JSON text into bytes, commas and escapes included.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init(capacity: Int = 512) { bytes.reserveCapacity(capacity) }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    package mutating func object(_ body: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
        body(&self)
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    package mutating func array<Elements: Sequence>(
        _ elements: Elements, _ body: (inout JSONWriter, Elements.Element) -> Void
    ) {
        separate()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
        for element in elements { body(&self, element) }
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// The name of the field whose value is written next.
    package mutating func name(_ name: String) {
        separate()
        JSONEscape.append(name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ value: String?) {
        separate()
        if let value { JSONEscape.append(value, to: &bytes) } else { bytes.append(contentsOf: "null".utf8) }
    }

    package mutating func integer(_ value: Int64?) { verbatim(value.map(String.init) ?? "null") }

    package mutating func bool(_ value: Bool) { verbatim(value ? "true" : "false") }

    /// A value that is already JSON.
    package mutating func verbatim(_ json: String) {
        separate()
        var json = json
        json.withUTF8 { bytes.append(contentsOf: $0) }
    }

    package mutating func verbatim(_ json: [UInt8]) {
        separate()
        bytes.append(contentsOf: json)
    }

    package mutating func field(_ name: String, _ value: String?) {
        self.name(name)
        string(value)
    }

    package mutating func field(_ name: String, _ value: Int64?) {
        self.name(name)
        integer(value)
    }

    package mutating func field(_ name: String, _ value: Bool) {
        self.name(name)
        bool(value)
    }
}
