/// RFC 4648 base64 in its URL-safe alphabet, without padding.
package enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    static func characterCount(ofBytes count: Int) -> Int { (count * 4 + 2) / 3 }

    package static func encode(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes(encode) }

    static func encode(_ bytes: UnsafeRawBufferPointer) -> String {
        let characters = characterCount(ofBytes: bytes.count)
        return alphabet.withUnsafeBufferPointer { alphabet in
            String(unsafeUninitializedCapacity: characters) { text in
                var bits: UInt32 = 0
                var bitCount: UInt32 = 0
                var count = 0
                for byte in bytes {
                    bits = bits << 8 | UInt32(byte)
                    bitCount += 8
                    while bitCount >= 6 {
                        bitCount -= 6
                        text[count] = alphabet[Int(bits >> bitCount & 63)]
                        count += 1
                    }
                }
                if bitCount > 0 { text[count] = alphabet[Int(bits << (6 - bitCount) & 63)] }
                return characters
            }
        }
    }

    /// Nil if a character is not in the alphabet, or if trailing bits are left that no encoder produces.
    package static func decode(_ text: String) -> [UInt8]? {
        var isWhole = true
        let bytes = values.withUnsafeBufferPointer { values in
            [UInt8](unsafeUninitializedCapacity: text.utf8.count * 3 / 4) { bytes, count in
                var bits: UInt32 = 0
                var bitCount: UInt32 = 0
                for character in text.utf8 {
                    let value = values[Int(character)]
                    guard value < 64 else {
                        isWhole = false
                        return
                    }
                    bits = bits << 6 | UInt32(value)
                    bitCount += 6
                    if bitCount >= 8 {
                        bitCount -= 8
                        bytes[count] = UInt8(truncatingIfNeeded: bits >> bitCount)
                        count += 1
                    }
                }
                isWhole = bitCount < 6 && bits & (1 << bitCount - 1) == 0
            }
        }
        return isWhole ? bytes : nil
    }
}
