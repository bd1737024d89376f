import Testing

@testable import JSON

@Suite("A JSON text") struct JSONDocumentTests {
    @Test(
        "is refused when it is malformed",
        arguments: [
            "", "{", "[1,]", "{\"a\":1,}", "{a:1}", "01", "1.", "1e", "-", "+1", "tru", "\"\u{1}\"", "\"\\x\"",
            "\"\\ud800\"",
            "\"open", "1 2", "{\"a\" 1}", "[1 2]", "nul", "\"\\u12\"",
        ])
    func malformed(text: String) {
        #expect(throws: JSONFailure.self) { try JSONDocument(text: text) }
    }

    @Test("is refused when it is nested too deeply or is not UTF-8")
    func depthAndEncoding() throws {
        let depth = JSONDocument.maximumDepth
        _ = try JSONDocument(text: String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
        #expect(throws: JSONFailure.self) {
            try JSONDocument(text: String(repeating: "[", count: depth + 1) + String(repeating: "]", count: depth + 1))
        }
        #expect(throws: JSONFailure.self) { try JSONDocument([0x22, 0xC3, 0x28, 0x22]) }
    }

    @Test(
        "gives back its strings with escapes resolved",
        arguments: [
            (#""plain""#, "plain"), (#""a\"b\\c\/d\n\t""#, "a\"b\\c/d\n\t"), (#""\u00e9\ud83d\ude00""#, "é😀"),
            (#""ü""#, "ü"),
        ])
    func strings(text: String, expected: String) throws {
        #expect(try JSONDocument(text: text).root.string == expected)
    }

    @Test(
        "reads whole numbers of 64 bits exactly and no others",
        arguments: [
            ("0", 0), ("-0", 0), ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1.0", nil), ("1e2", nil),
            ("99999999999999999999", nil),
        ] as [(String, Int64?)])
    func integers(text: String, expected: Int64?) throws {
        #expect(try JSONDocument(text: text).root.integer == expected)
    }

    @Test("is walked through containers of any nesting")
    func nesting() throws {
        let root = try JSONDocument(text: #"{"a":[1,{"b":[true,null]},"x"],"c":{}}"#).root
        let elements = Array(try #require(root["a"]).elements)
        #expect(elements.count == 3)
        #expect(elements[1]["b"]?.source == "[true,null]")
        #expect(elements[2].source == "\"x\"")
        #expect(root["c"]?.kind == .object)
        #expect(root.fields.map(\.name) == ["a", "c"])
        #expect(root["missing"] == nil)
    }

    @Test("tells which of some names an object has, however they are written")
    func names() throws {
        let root = try JSONDocument(text: #"{"b": 1, "\u0061": {"c": 2}, "b": 3, "long_name": null}"#).root
        #expect(root.fields(among: ["a", "b", "c", "long_name"]) == 0b1011)
        #expect(root.fields(among: []) == 0)
        #expect(try JSONDocument(text: #"["a"]"#).root.fields(among: ["a"]) == 0)
    }

    @Test("written and read again is the same")
    func roundTrip() throws {
        var writer = JSONWriter()
        writer.object {
            $0.field(named: "quote\"", "line\nend")
            $0.field("n", Int64.min)
            $0.name("list")
            $0.array([1, 2] as [Int64]) { $0.integer($1) }
            $0.field("none", nil as String?)
            $0.field("yes", true)
        }
        #expect(
            writer.text == #"{"quote\"":"line\u000aend","n":-9223372036854775808,"list":[1,2],"none":null,"yes":true}"#)
        #expect(try JSONDocument(writer.bytes).root["quote\""]?.string == "line\nend")
    }
}

@Suite("An object read field by field") struct JSONFieldsTests {
    private func errors(_ text: String, _ read: (inout JSONFields) -> Void) throws -> [FieldError] {
        var fields = JSONFields(try JSONDocument(text: text).root, pointer: "/at")
        read(&fields)
        do throws(JSONFailure) {
            try fields.finish()
            return []
        } catch {
            guard case .invalid(let errors) = error else { return [] }
            return errors
        }
    }

    @Test("tells every field that is missing, wrong, unknown or repeated")
    func collects() throws {
        let found = try errors(#"{"b":"x","u/n":1,"c":1,"c":2}"#) {
            if $0.value("a") == nil { $0.refuse("a", "is required") }
            if $0.value("b")?.integer == nil { $0.refuse("b", "must be a whole number") }
            _ = $0.value("c")
        }
        #expect(
            found == [
                FieldError(pointer: "/at/a", detail: "is required"),
                FieldError(pointer: "/at/b", detail: "must be a whole number"),
                FieldError(pointer: "/at/u~1n", detail: "is not known"),
                FieldError(pointer: "/at/c", detail: "is given twice"),
            ])
    }

    @Test("takes fields in any order, and null as absent")
    func order() throws {
        let found = try errors(#"{"b":null,"a":"1"}"#) {
            let (a, b) = ($0.value("a")?.string, $0.value("b")?.string)
            #expect(a == "1" && b == nil)
        }
        #expect(found.isEmpty)
    }

    @Test("tells only the first of very many unknown fields, each by a short pointer")
    func manyUnknown() throws {
        let names = (0..<50_000).map { "\"x\($0)\": 1" } + ["\"e\(String(repeating: "\u{301}", count: 100_000))\": 1"]
        for list in [names, names.reversed()] {
            let found = try errors("{\(list.joined(separator: ","))}") { _ in }
            #expect(found.count == JSONFields.maximumErrors)
            #expect(found.allSatisfy { $0.pointer.utf8.count < 512 })
        }
    }

    @Test("must be an object")
    func notAnObject() throws {
        #expect(try errors("[]") { _ in } == [FieldError(pointer: "/at", detail: "must be an object")])
    }
}
