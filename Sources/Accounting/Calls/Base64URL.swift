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
                var count = 0
                // Three bytes are four characters.
                var place = 0
                while place &+ 3 <= bytes.count {
                    let bits = Int(bytes[place]) << 16 | Int(bytes[place &+ 1]) << 8 | Int(bytes[place &+ 2])
                    text[count] = alphabet[bits >> 18]
                    text[count &+ 1] = alphabet[bits >> 12 & 63]
                    text[count &+ 2] = alphabet[bits >> 6 & 63]
                    text[count &+ 3] = alphabet[bits & 63]
                    place &+= 3
                    count &+= 4
                }
                guard place < bytes.count else { return characters }
                let isPair = place + 1 < bytes.count
                let bits = Int(bytes[place]) << 16 | (isPair ? Int(bytes[place + 1]) << 8 : 0)
                text[count] = alphabet[bits >> 18]
                text[count + 1] = alphabet[bits >> 12 & 63]
                if isPair { text[count + 2] = alphabet[bits >> 6 & 63] }
                return characters
            }
        }
    }

    /// Nil if a character is not in the alphabet, or if trailing bits are left that no encoder produces.
    package static func decode(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { text in
            values.withUnsafeBufferPointer { values in
                var isWhole = true
                let bytes = [UInt8](unsafeUninitializedCapacity: text.count * 3 / 4) { bytes, count in
                    isWhole = decode(text, values, into: bytes)
                    count = text.count * 3 / 4
                }
                return isWhole ? bytes : nil
            }
        }
    }

    @inline(__always)
    private static func decode(
        _ text: UnsafeBufferPointer<UInt8>, _ values: UnsafeBufferPointer<UInt8>,
        into bytes: UnsafeMutableBufferPointer<UInt8>
    ) -> Bool {
        var (place, count) = (0, 0)
        // What is in the alphabet has a value below 64, so one bit above that tells whether any of them is not.
        var seen: UInt32 = 0
        while place &+ 4 <= text.count {
            let (first, second) = (UInt32(values[Int(text[place])]), UInt32(values[Int(text[place &+ 1])]))
            let (third, fourth) = (UInt32(values[Int(text[place &+ 2])]), UInt32(values[Int(text[place &+ 3])]))
            seen |= first | second | third | fourth
            let bits = first << 18 | second << 12 | third << 6 | fourth
            bytes[count] = UInt8(truncatingIfNeeded: bits >> 16)
            bytes[count &+ 1] = UInt8(truncatingIfNeeded: bits >> 8)
            bytes[count &+ 2] = UInt8(truncatingIfNeeded: bits)
            place &+= 4
            count &+= 3
        }
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        while place < text.count {
            let value = UInt32(values[Int(text[place])])
            seen |= value
            bits = bits << 6 | value
            bitCount += 6
            place += 1
            if bitCount >= 8 {
                bitCount -= 8
                bytes[count] = UInt8(truncatingIfNeeded: bits >> bitCount)
                count += 1
            }
        }
        return seen < 64 && bitCount < 6 && bits & (1 << bitCount - 1) == 0
    }
}
