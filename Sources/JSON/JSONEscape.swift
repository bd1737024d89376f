/// Escapes and unescapes JSON strings.
enum JSONEscape {
    /// The text with its escapes resolved; nil if an escape is wrong, for example a lone surrogate.
    static func unescape(_ bytes: ArraySlice<UInt8>) -> String? {
        var units: [UInt8] = []
        units.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                units.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "\""): units.append(UInt8(ascii: "\""))
            case UInt8(ascii: "\\"): units.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "/"): units.append(UInt8(ascii: "/"))
            case UInt8(ascii: "b"): units.append(0x08)
            case UInt8(ascii: "f"): units.append(0x0C)
            case UInt8(ascii: "n"): units.append(0x0A)
            case UInt8(ascii: "r"): units.append(0x0D)
            case UInt8(ascii: "t"): units.append(0x09)
            case UInt8(ascii: "u"):
                guard let scalar = popScalar(&rest) else { return nil }
                units.append(contentsOf: UTF8.encode(scalar)!)
            default: return nil
            }
        }
        return String(validating: units, as: UTF8.self)
    }

    private static func popScalar(_ rest: inout ArraySlice<UInt8>) -> Unicode.Scalar? {
        guard let first = popCodeUnit(&rest) else { return nil }
        guard UTF16.isLeadSurrogate(first) else { return Unicode.Scalar(first) }
        guard rest.popFirst() == UInt8(ascii: "\\"), rest.popFirst() == UInt8(ascii: "u"),
            let second = popCodeUnit(&rest), UTF16.isTrailSurrogate(second)
        else { return nil }
        return Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
    }

    private static func popCodeUnit(_ rest: inout ArraySlice<UInt8>) -> UInt16? {
        guard rest.count >= 4 else { return nil }
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(rest.popFirst()!)).hexDigitValue else { return nil }
            value = value << 4 | UInt16(digit)
        }
        return value
    }

    /// Appends `text` in quotes, escaping what RFC 8259 requires.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { text in
            if needsEscape(text) {
                bytes.append(UInt8(ascii: "\""))
                appendEscaped(text, to: &bytes)
                bytes.append(UInt8(ascii: "\""))
            } else {
                bytes.append(quoted: UnsafeRawBufferPointer(text))
            }
        }
    }

    private static func needsEscape(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var place = plainEnd(of: text, from: 0)
        while place < text.count {
            if needsEscape(text[place]) { return true }
            place = plainEnd(of: text, from: place + 1)
        }
        return false
    }

    /// The first place from `start` on that has no printable ASCII or needs an escape; the end if there is none.
    @inline(__always)
    static func plainEnd(of text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let (ones, highs): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        var place = start
        // Eight bytes at a time.
        while place &+ 8 <= text.count {
            let word = UnsafeRawPointer(text.baseAddress! + place).loadUnaligned(as: UInt64.self).littleEndian
            // The high bit of a byte is set by what is no ASCII, and by the subtraction from what is below 0x20, or zero
            // where it equals a mark. A carry may hit another byte, but only behind one that is hit rightly.
            let quote = word ^ ones &* UInt64(UInt8(ascii: "\""))
            let slash = word ^ ones &* UInt64(UInt8(ascii: "\\"))
            let hits = (word | (word &- ones &* 0x20) | (quote &- ones) | (slash &- ones)) & highs
            if hits != 0 { return place &+ hits.trailingZeroBitCount / 8 }
            place &+= 8
        }
        while place < text.count, text[place] < 0x80, !needsEscape(text[place]) { place &+= 1 }
        return place
    }

    static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func appendEscaped(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""): bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "\"")])
            case UInt8(ascii: "\\"): bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "\\")])
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(hexDigit(byte >> 4))
                bytes.append(hexDigit(byte & 15))
            default: bytes.append(byte)
            }
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

extension [UInt8] {
    /// Appends a text in quotes, with a byte before and one behind it where these are not 0. One step, because an answer
    /// has tens of such texts.
    @inline(__always)
    mutating func append(before: UInt8 = 0, quoted text: UnsafeRawBufferPointer, behind: UInt8 = 0) {
        append(addingCapacity: text.count + 4) { span in
            if before != 0 { span.append(before) }
            span.append(UInt8(ascii: "\""))
            span.withUnsafeMutableBufferPointer { bytes, count in
                UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(bytes)[count...]).copyMemory(
                    from: text)
                count += text.count
            }
            span.append(UInt8(ascii: "\""))
            if behind != 0 { span.append(behind) }
        }
    }
}
