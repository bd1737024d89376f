import Accounting

/// A decimal of a provider's file, exact to 36 places: an amount in USD, or a quantity. OpenAI writes 30 places; a binary
/// number would lose them.
package struct ExactDecimal: Hashable, Sendable, Comparable {
    /// The value in billionths, rounded down: nanodollars of an amount.
    private var billionths: Int128
    /// What is left of it, in 1e-36, always less than a billionth.
    private var rest: Int128

    package static let zero = ExactDecimal(billionths: 0, rest: 0)
    package static let places = 36
    private static let restPlaces = 27
    /// The digits of the billionths.
    private static let wholeDigits = 27
    private static let restsPerBillionth: Int128 = 1_000_000_000_000_000_000_000_000_000

    private init(billionths: Int128, rest: Int128) { (self.billionths, self.rest) = (billionths, rest) }

    package init(_ whole: Int64) { self.init(billionths: Int128(whole) * 1_000_000_000, rest: 0) }
    package init(nanodollars: Int64) { self.init(billionths: Int128(nanodollars), rest: 0) }

    /// Reads a decimal such as `-12.5`, `0.000…` or `1.2e-05`, times 10^`shift`: -2 for cents, 6 for millions. Nil where it
    /// is no decimal, has more than 36 places, or is a billion billions or more.
    package init?(_ text: some StringProtocol, shift: Int = 0) {
        guard let (digits, power, isNegative) = Self.scanned(text) else { return nil }
        let zeros = power + shift + Self.places
        guard zeros >= 0 || digits.isEmpty, digits.isEmpty || digits.count + zeros <= Self.wholeDigits + Self.restPlaces
        else {
            return nil
        }
        var (whole, rest): (Int128, Int128) = (0, 0)
        let all = digits.isEmpty ? [] : digits + [UInt8](repeating: 0, count: zeros)
        for digit in all.dropLast(Self.restPlaces) { whole = whole * 10 + Int128(digit) }
        for digit in all.suffix(Self.restPlaces) { rest = rest * 10 + Int128(digit) }
        self.init(billionths: whole, rest: rest)
        if isNegative { self = -self }
    }

    /// The digits without zeros at either end, and the power of ten of the last.
    private static func scanned(_ text: some StringProtocol) -> (digits: [UInt8], power: Int, isNegative: Bool)? {
        var bytes = Array(text.utf8)[...]
        let isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative || bytes.first == UInt8(ascii: "+") { bytes.removeFirst() }
        var exponent = 0
        if let mark = bytes.firstIndex(where: { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }) {
            guard let written = Int(String(decoding: bytes[(mark + 1)...], as: UTF8.self)), written.magnitude < 1_000
            else {
                return nil
            }
            exponent = written
            bytes = bytes[..<mark]
        }
        var digits: [UInt8] = []
        var (hasPoint, count) = (false, 0)
        for byte in bytes {
            if byte == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
                continue
            }
            let digit = byte &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            count += 1
            if hasPoint { exponent -= 1 }
            if digit > 0 || !digits.isEmpty { digits.append(digit) }
        }
        guard count > 0 else { return nil }
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        return (digits, exponent, isNegative)
    }

    /// The decimal places that it needs.
    package var placesUsed: Int {
        if rest == 0 {
            var (value, places) = (billionths, 9)
            while places > 0, value % 10 == 0 { (value, places) = (value / 10, places - 1) }
            return places
        }
        var (value, places) = (rest, Self.places)
        while value % 10 == 0 { (value, places) = (value / 10, places - 1) }
        return places
    }

    /// Half to even; nil where it does not fit.
    package var nanodollars: Int64? {
        let half = Self.restsPerBillionth / 2
        let isUp = rest > half || (rest == half && billionths % 2 != 0)
        return Int64(exactly: isUp ? billionths + 1 : billionths)
    }

    /// Nil where it is no whole number, or does not fit.
    package var whole: Int64? {
        guard rest == 0, billionths % 1_000_000_000 == 0 else { return nil }
        return Int64(exactly: billionths / 1_000_000_000)
    }

    /// The shortest exact decimal text.
    package var text: String {
        if self < .zero { return "-" + (-self).text }
        guard rest > 0 else { return FixedPoint.text(billionths, places: 9) }
        let digits = String(rest + Self.restsPerBillionth).dropFirst()
        let nine = String(billionths % 1_000_000_000 + 1_000_000_000).dropFirst()
        var text = "\(billionths / 1_000_000_000).\(nine)\(digits)"
        while text.hasSuffix("0") { text.removeLast() }
        return text
    }

    package static func + (left: ExactDecimal, right: ExactDecimal) -> ExactDecimal {
        let rest = left.rest + right.rest
        let carry: Int128 = rest >= restsPerBillionth ? 1 : 0
        return ExactDecimal(
            billionths: left.billionths + right.billionths + carry, rest: rest - carry * restsPerBillionth)
    }

    package static prefix func - (value: ExactDecimal) -> ExactDecimal {
        guard value.rest > 0 else { return ExactDecimal(billionths: -value.billionths, rest: 0) }
        return ExactDecimal(billionths: -value.billionths - 1, rest: restsPerBillionth - value.rest)
    }

    package static func - (left: ExactDecimal, right: ExactDecimal) -> ExactDecimal { left + -right }
    package static func += (left: inout ExactDecimal, right: ExactDecimal) { left = left + right }

    package static func < (left: ExactDecimal, right: ExactDecimal) -> Bool {
        (left.billionths, left.rest) < (right.billionths, right.rest)
    }

    package var magnitude: ExactDecimal { self < .zero ? -self : self }
}
