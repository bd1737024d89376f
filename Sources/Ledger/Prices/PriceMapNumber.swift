import JSON

/// A number of the price map, exactly: in units of 1e-15, so that what is USD there is femtodollars here.
struct PriceMapNumber: Comparable {
    let femto: Int128

    static let one = PriceMapNumber(femto: 1_000_000_000_000_000)

    init(femto: Int128) { self.femto = femto }

    /// Reads the text of a JSON number, such as `2.5e-06`; nil where it is finer than 1e-15, or too large.
    init?(_ value: JSONValue) {
        guard value.kind == .number else { return nil }
        var digits: [UInt8] = []
        var exponent = 15
        var isFraction = false
        let text = value.text
        let isNegative = text.first == UInt8(ascii: "-")
        var rest = text.dropFirst(isNegative ? 1 : 0)
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
        let significant = digits.drop { $0 == 0 }
        guard !significant.isEmpty else {
            femto = 0
            return
        }
        guard exponent >= 0, significant.count + exponent <= 38 else { return nil }
        var magnitude: Int128 = 0
        for digit in significant { magnitude = magnitude * 10 + Int128(digit) }
        for _ in 0..<exponent { magnitude *= 10 }
        femto = isNegative ? -magnitude : magnitude
    }

    static func < (left: PriceMapNumber, right: PriceMapNumber) -> Bool { left.femto < right.femto }
}
