import JSON

/// An exact number of the price map, in units of 1e-15: a price in USD becomes femtodollars.
struct PriceMapNumber: Comparable {
    let femto: Int128
    /// Whether the map's figure is longer: `femto` with the noise of binary arithmetic in its last digits.
    let isShortened: Bool

    static let one = PriceMapNumber(femto: 1_000_000_000_000_000)

    /// Binary floating point holds about 16 digits. A figure next to one with no more than this many digits was
    /// computed from the shorter one.
    private static let digitsOfShortFigure = 12

    init(femto: Int128, isShortened: Bool = false) {
        self.femto = femto
        self.isShortened = isShortened
    }

    /// Reads the text of a JSON number, such as `2.5e-06`; nil if it is finer than 1e-15 by more than binary noise, or
    /// too large.
    init?(_ value: JSONValue) {
        guard value.kind == .number, let (digits, exponent) = Self.parts(value.text) else { return nil }
        guard !digits.isEmpty else {
            self.init(femto: 0)
            return
        }
        let kept = digits.dropLast(max(0, -exponent))
        guard kept.count + max(0, exponent) <= 38 else { return nil }
        var magnitude: Int128 = 0
        for digit in kept { magnitude = magnitude * 10 + Int128(digit) }
        for _ in 0..<max(0, exponent) { magnitude *= 10 }
        if exponent < 0 {
            if kept.count < digits.count, digits[kept.count] >= 5, digits.count >= -exponent { magnitude += 1 }
            guard Self.isNoise(of: magnitude, value.source) else { return nil }
        }
        let isNegative = value.text.first == UInt8(ascii: "-")
        self.init(femto: isNegative ? -magnitude : magnitude, isShortened: exponent < 0)
    }

    /// The significant digits of a decimal, and the power of ten of 1e-15 that the last digit counts; nil if the
    /// written exponent is beyond ±1000.
    private static func parts(_ text: Substring.UTF8View) -> (digits: [UInt8], exponent: Int)? {
        var digits: [UInt8] = []
        var exponent = 15
        var isFraction = false
        var rest = text.dropFirst(text.first == UInt8(ascii: "-") ? 1 : 0)
        while let byte = rest.first, byte | 0x20 != UInt8(ascii: "e") {
            rest = rest.dropFirst()
            if byte == UInt8(ascii: ".") {
                isFraction = true
            } else {
                digits.append(byte &- UInt8(ascii: "0"))
                if isFraction { exponent -= 1 }
            }
        }
        if !rest.isEmpty {
            guard let written = Int(Substring(rest.dropFirst())), abs(written) <= 1000 else { return nil }
            exponent += written
        }
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        return (Array(digits.drop { $0 == 0 }), exponent)
    }

    /// Whether `text` is `femto` with the noise of binary arithmetic: the same 64-bit floating-point number, or the one
    /// next to it.
    private static func isNoise(of femto: Int128, _ text: String) -> Bool {
        var short = femto
        while short != 0, short.isMultiple(of: 10) { short /= 10 }
        guard femto > 0, String(short).utf8.count <= digitsOfShortFigure, let figure = Double(text),
            let rounded = Double("\(femto)e-15")
        else { return false }
        return figure == rounded || figure.nextUp == rounded || figure.nextDown == rounded
    }

    /// The value if it is a whole number.
    var whole: Int64? { femto.isMultiple(of: Self.one.femto) ? Int64(exactly: femto / Self.one.femto) : nil }

    static func < (left: PriceMapNumber, right: PriceMapNumber) -> Bool { left.femto < right.femto }
    static func == (left: PriceMapNumber, right: PriceMapNumber) -> Bool { left.femto == right.femto }
}
