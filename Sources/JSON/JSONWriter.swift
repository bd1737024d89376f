/// Writes one JSON text into bytes, commas and escapes included.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init(capacity: Int = 512) { bytes.reserveCapacity(capacity) }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    @inline(__always)
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
        list { for element in elements { body(&$0, element) } }
    }

    /// Writes an array whose elements `body` writes. Not generic, because a generic function is not compiled for the
    /// types of another module's calls.
    package mutating func list(_ body: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
        body(&self)
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// Writes the name of the field whose value is written next. The name must need no escapes.
    package mutating func name(_ name: StaticString) {
        let text = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        assert(!text.contains(where: JSONEscape.needsEscape))
        bytes.append(before: needsComma ? UInt8(ascii: ",") : 0, quoted: text, behind: UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a name that is known only when the program runs.
    package mutating func name(of name: String) {
        separate()
        JSONEscape.append(name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ value: String?) {
        guard let value else { return null() }
        separate()
        JSONEscape.append(value, to: &bytes)
    }

    /// Writes a string from the bytes of a text that needs no escapes, such as a figure or a time.
    package mutating func string(unescaped text: UnsafeRawBufferPointer) {
        separate()
        bytes.append(quoted: text)
    }

    package mutating func null() { verbatim("null" as StaticString) }

    package mutating func integer(_ value: Int64?) {
        guard let value else { return null() }
        verbatim(String(value))
    }

    package mutating func bool(_ value: Bool) { verbatim(value ? "true" : "false" as StaticString) }

    private mutating func verbatim(_ json: StaticString) {
        separate()
        bytes.append(contentsOf: UnsafeRawBufferPointer(start: json.utf8Start, count: json.utf8CodeUnitCount))
    }

    /// Writes a value that is JSON already.
    package mutating func verbatim(_ json: String) {
        separate()
        var json = json
        json.withUTF8 { bytes.append(contentsOf: $0) }
    }

    package mutating func verbatim(_ json: [UInt8]) {
        separate()
        bytes.append(contentsOf: json)
    }

    package mutating func field(_ name: StaticString, _ value: String?) {
        self.name(name)
        string(value)
    }

    package mutating func field(_ name: StaticString, _ value: Int64?) {
        self.name(name)
        integer(value)
    }

    package mutating func field(_ name: StaticString, _ value: Bool) {
        self.name(name)
        bool(value)
    }

    /// Writes a field whose name is known only when the program runs.
    package mutating func field(named name: String, _ value: String?) {
        self.name(of: name)
        string(value)
    }

    package mutating func field(named name: String, _ value: Int64?) {
        self.name(of: name)
        integer(value)
    }
}
