/// Converts between decimal text and scaled integers, exactly.
package enum FixedPoint {
    /// The value of `text` times 10^`places`. Nil if the text is not a plain decimal (`-12.5`, no exponent, no spaces),
    /// has more significant places than `places`, or does not fit.
    package static func parse(_ text: some StringProtocol, places: Int) -> Int64? {
        var scaled: Int64 = 0
        var digitCount = 0
        var placesSeen: Int?
        let bytes = Array(text.utf8)
        let isNegative = bytes.first == UInt8(ascii: "-")
        for byte in bytes.dropFirst(isNegative ? 1 : 0) {
            if byte == UInt8(ascii: "."), placesSeen == nil, digitCount > 0 {
                placesSeen = 0
                continue
            }
            let digit = byte &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            digitCount += 1
            if let seen = placesSeen {
                guard seen < places else {
                    if digit == 0 { continue }
                    return nil
                }
                placesSeen = seen + 1
            }
            guard let next = appending(digit, to: scaled) else { return nil }
            scaled = next
        }
        guard digitCount > 0, bytes.last != UInt8(ascii: ".") else { return nil }
        for _ in (placesSeen ?? 0)..<places {
            guard let next = appending(0, to: scaled) else { return nil }
            scaled = next
        }
        if isNegative { return scaled }
        return scaled == .min ? nil : -scaled
    }

    // Builds the value as a negative number, because only negative numbers reach Int64.min.
    private static func appending(_ digit: UInt8, to value: Int64) -> Int64? {
        let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, carry) = tens.subtractingReportingOverflow(Int64(digit))
        return overflow || carry ? nil : sum
    }

    /// `value` divided by 10^`places` as the shortest decimal text.
    package static func text(_ value: some BinaryInteger, places: Int) -> String {
        var text = ""
        write(value.magnitude, isNegative: value < 0, places) { text = String(decoding: $0, as: UTF8.self) }
        return text
    }

    /// Calls `body` with the bytes of that text. Not generic, because a generic function is not compiled for the types of
    /// another module's calls.
    package static func withText(_ value: Int64, places: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        // Whole dollars are common.
        let (whole, fraction) = value.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        if places == 9, fraction == 0 {
            write(whole, isNegative: value < 0, 0, body)
        } else {
            write(value.magnitude, isNegative: value < 0, places, body)
        }
    }

    @inline(__always)
    private static func write(
        _ magnitude: some BinaryInteger, isNegative: Bool, _ places: Int, _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        // Writes from the last digit to the first. 128 bits have 39 digits.
        var text = InlineArray<48, UInt8>(repeating: 0)
        var start = text.count
        func write(_ character: UInt8) {
            start -= 1
            text[start] = character
        }
        var rest = magnitude
        var place = 0
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            rest = quotient
            place += 1
            // Zeros at the end of a fraction are left out.
            if place > places || digit != 0 || start < text.count { write(UInt8(ascii: "0") + UInt8(digit)) }
            if place == places, start < text.count { write(UInt8(ascii: ".")) }
        } while rest != 0 || place <= places
        if isNegative { write(UInt8(ascii: "-")) }
        text.span.bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    }
}
