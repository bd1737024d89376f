import Foundation
import SeededRandom
import Testing

@testable import Accounting

@Suite("URL-safe base64") struct Base64URLTests {
    @Test(
        "encodes the vectors of RFC 4648 without their padding",
        arguments: [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ])
    func vectors(plain: String, encoded: String) {
        #expect(Base64URL.encode(Array(plain.utf8)) == encoded)
        #expect(Base64URL.decode(encoded) == Array(plain.utf8))
    }

    @Test("is what Foundation writes, in the other alphabet", arguments: seeds)
    func foundation(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            let expected = Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
                .replacing("=", with: "")
            #expect(Base64URL.encode(bytes) == expected, "seed \(seed)")
            #expect(Base64URL.decode(expected) == bytes, "seed \(seed)")
        }
    }

    @Test(
        "is refused where no encoder would have written it",
        arguments: [
            "Z", "Zm9vY", "Zg==", "Zm9v\n", " Zm9v", "Zm+v", "Zm/v", "Zh", "Zm9", "Zé8", "Zm 8", "_",
        ])
    func refused(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }
}
