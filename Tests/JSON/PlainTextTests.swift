import Testing

@testable import JSON

/// Texts are looked at eight bytes at a time, so what needs an escape must be found at every place.
@Suite("Texts that need escapes at some place") struct PlainTextTests {
    private static let marks = ["\"", "\\", "\n", "\u{0}", "\u{1F}", " ", "a", "\u{7F}", "ü", "€", "𝄞"]

    @Test("come back as they were written", arguments: marks)
    func roundTrip(mark: String) throws {
        for length in 0...20 {
            for place in 0...length {
                let text = String(repeating: "x", count: place) + mark + String(repeating: "~", count: length - place)
                var writer = JSONWriter()
                writer.object { $0.field("text", text) }
                let value = try JSONDocument(writer.bytes).root["text"]
                #expect(value?.string == text)
            }
        }
    }

    @Test("are refused with a control character, at whatever place")
    func controlCharacters() {
        for length in 0...20 {
            for place in 0...length {
                var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: length + 1)
                bytes[place] = 0x1F
                #expect(throws: JSONFailure.self) { try JSONDocument([UInt8(ascii: "\"")] + bytes + Array("\"".utf8)) }
            }
        }
    }
}
