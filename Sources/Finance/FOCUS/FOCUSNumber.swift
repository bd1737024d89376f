import Accounting

/// A number as a file writes it: `12.5`, `-3` or `1.5E-3`. No plus sign, no thousands mark, no currency sign.
struct FOCUSNumber {
    /// In units of the last place of an amount, what follows is cut; nil where it does not fit.
    let amount: Int128?

    private static let greatestExponent = 1_000

    init?(_ text: String) {
        guard Self.isNumber(text.utf8) else { return nil }
        let parts = text.uppercased().split(separator: "E")
        guard let tens = parts.count > 1 ? Int(parts[1]) : 0, tens.magnitude <= Self.greatestExponent else {
            amount = nil
            return
        }
        amount = Self.amount(parts[0], tens: tens)
    }

    private static func isNumber(_ text: String.UTF8View) -> Bool {
        var rest = text[...]
        func sign() { if rest.first == UInt8(ascii: "-") { rest.removeFirst() } }
        func digits() -> Bool {
            let before = rest.count
            rest = rest.drop { $0 &- UInt8(ascii: "0") <= 9 }
            return rest.count < before
        }
        sign()
        guard digits() else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            guard digits() else { return false }
        }
        if rest.first == UInt8(ascii: "E") || rest.first == UInt8(ascii: "e") {
            rest.removeFirst()
            sign()
            guard digits() else { return false }
        }
        return rest.isEmpty
    }

    private static func amount(_ mantissa: Substring, tens: Int) -> Int128? {
        var value: Int128 = 0
        // How many more places the value must get.
        var missing = FOCUSDecimal.amountPlaces + tens
        var isFraction = false
        for byte in mantissa.utf8 where byte != UInt8(ascii: "-") {
            if byte == UInt8(ascii: ".") {
                isFraction = true
                continue
            }
            if isFraction {
                if missing <= 0 { continue }
                missing -= 1
            }
            guard let next = appended(Int128(byte - UInt8(ascii: "0")), to: value) else { return nil }
            value = next
        }
        guard abs(missing) < 64 else { return nil }
        while missing > 0 {
            guard let next = appended(0, to: value) else { return nil }
            (value, missing) = (next, missing - 1)
        }
        while missing < 0 { (value, missing) = (value / 10, missing + 1) }
        return mantissa.hasPrefix("-") ? -value : value
    }

    private static func appended(_ digit: Int128, to value: Int128) -> Int128? {
        let (tens, isOver) = value.multipliedReportingOverflow(by: 10)
        let (sum, isOverAgain) = tens.addingReportingOverflow(digit)
        return isOver || isOverAgain ? nil : sum
    }
}
