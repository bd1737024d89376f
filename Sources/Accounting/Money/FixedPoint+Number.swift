extension FixedPoint {
    /// How to treat decimal places that do not fit.
    enum Rounding {
        case halfToEven
        /// Away from zero.
        case up
        /// Decimal places that do not fit must be zeros.
        case exact
    }

    /// The value of a JSON number, with its exponent, times 10^`places`; nil if it does not fit. It is computed from
    /// the digits alone.
    static func scaled(number text: some Sequence<UInt8>, places: Int, rounding: Rounding) -> Int64? {
        var significand: UInt128 = 0
        var digitCount = 0
        var exponent = places
        var isNegative = false
        var isFraction = false
        // Digits after the 36th only show whether there is a remainder.
        var hasRest = false
        var bytes = text.makeIterator()
        scan: while let byte = bytes.next() {
            switch byte {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                exponent += Self.exponent(&bytes)
                break scan
            default:
                let digit = byte &- UInt8(ascii: "0")
                guard digit <= 9 else { return nil }
                if digitCount < 36 {
                    significand = significand * 10 + UInt128(digit)
                    if significand > 0 { digitCount += 1 }
                    if isFraction { exponent -= 1 }
                } else {
                    if digit > 0 { hasRest = true }
                    if !isFraction { exponent += 1 }
                }
            }
        }
        guard significand > 0 else { return 0 }
        guard let magnitude = rounded(significand, exponent: exponent, hasRest: hasRest, rounding) else { return nil }
        return Int64(exactly: isNegative ? -Int128(magnitude) : Int128(magnitude))
    }

    /// Reads an exponent. A value beyond any that matters is cut short.
    private static func exponent(_ bytes: inout some IteratorProtocol<UInt8>) -> Int {
        var value = 0
        var isNegative = false
        while let byte = bytes.next() {
            if byte == UInt8(ascii: "-") { isNegative = true }
            let digit = byte &- UInt8(ascii: "0")
            if digit <= 9, value < 1 << 40 { value = value * 10 + Int(digit) }
        }
        return isNegative ? -value : value
    }

    private static func rounded(
        _ significand: UInt128, exponent: Int, hasRest: Bool, _ rounding: Rounding
    ) -> UInt64? {
        var scaled = significand
        if exponent >= 0 {
            for _ in 0..<min(exponent, 20) {
                guard let larger = UInt64(exactly: scaled) else { return nil }
                scaled = UInt128(larger) * 10
            }
            return exponent > 20 ? nil : UInt64(exactly: scaled)
        }
        // 36 digits divided by 10^37 are less than a tenth, so a larger divisor changes nothing.
        var divisor: UInt128 = 1
        for _ in 0..<min(-exponent, 37) { divisor *= 10 }
        let (quotient, rest) = scaled.quotientAndRemainder(dividingBy: divisor)
        let isExact = rest == 0 && !hasRest
        var isUp = false
        switch rounding {
        case .exact: guard isExact else { return nil }
        case .up: isUp = !isExact
        case .halfToEven:
            isUp = rest > divisor / 2 || (rest == divisor / 2 && (hasRest || quotient % 2 == 1))
        }
        return UInt64(exactly: isUp ? quotient + 1 : quotient)
    }
}
