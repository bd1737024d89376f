extension Phrase {
    /// Money is written with at least its cents.
    package static let minimumPlaces = 2

    /// The number of decimal places of a text, not counting zeros at its end.
    package static func places(_ text: String) -> Int {
        guard let point = text.firstIndex(of: ".") else { return 0 }
        return shortened(text[text.index(after: point)...]).count
    }

    /// A decimal text with `places` decimal places, or more if it needs them. Any other text is returned unchanged.
    package static func amount(_ text: String, places: Int = minimumPlaces) -> String {
        guard let (whole, fraction) = parts(text) else { return text }
        let zeros = String(repeating: "0", count: max(0, places - fraction.count))
        return fraction.isEmpty && zeros.isEmpty ? String(whole) : "\(whole).\(fraction)\(zeros)"
    }

    /// Money in a sentence: `$500`, `$1,234.50`, `$0.0068`, `-$3.50`. With `places` it has at least so many of them. A text
    /// that is not a decimal is returned unchanged.
    package static func dollars(_ text: String, places: Int? = nil) -> String {
        guard let (whole, fraction) = parts(text) else { return text }
        let isNegative = whole.hasPrefix("-")
        let least = places ?? (fraction.isEmpty ? 0 : minimumPlaces)
        let cents = fraction + String(repeating: "0", count: max(0, least - fraction.count))
        let dollars = grouped(isNegative ? whole.dropFirst() : whole)
        return "\(isNegative ? "-" : "")$\(dollars)\(cents.isEmpty ? "" : ".\(cents)")"
    }

    /// Money in a column for people, to the cent: `$1,234.50`. What is less than a cent and not nothing is `<$0.01`, or
    /// `>-$0.01` below zero, so that nobody takes it for nothing. A text that is not a decimal is returned unchanged.
    ///
    /// - Parameter mark: that of the currency; empty where another place tells it.
    package static func cents(_ text: String, mark: String = "$") -> String {
        guard let (whole, fraction) = parts(text) else { return text }
        let sign = whole.hasPrefix("-") ? "-" : ""
        let digits = fraction + String(repeating: "0", count: max(0, 3 - fraction.count))
        guard let floor = Int128(whole.dropFirst(sign.count) + digits.prefix(2)) else { return dollars(text) }
        guard floor > 0 || fraction.isEmpty else { return sign.isEmpty ? "<\(mark)0.01" : ">-\(mark)0.01" }
        let isUp = digits.dropFirst(2).first.map { $0 >= "5" } ?? false
        let (units, rest) = (floor + (isUp ? 1 : 0)).quotientAndRemainder(dividingBy: 100)
        return "\(sign)\(mark)\(grouped(String(units))).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// A number in a sentence, in groups of three digits: `1,234,567`. A text that is not a decimal is returned
    /// unchanged.
    package static func number(_ text: String) -> String {
        guard let (whole, fraction) = parts(text) else { return text }
        let sign = whole.hasPrefix("-") ? "-" : ""
        return "\(sign)\(grouped(whole.dropFirst(sign.count)))\(fraction.isEmpty ? "" : ".\(fraction)")"
    }

    /// A share as a percentage: `0.8` becomes `80%`. A text that is not a decimal is returned unchanged.
    package static func share(_ text: String) -> String {
        guard let (whole, fraction) = parts(text) else { return text }
        let sign = whole.hasPrefix("-") ? "-" : ""
        let digits = fraction + String(repeating: "0", count: max(0, 2 - fraction.count))
        let percents = (whole.dropFirst(sign.count) + digits.prefix(2)).drop { $0 == "0" }
        let rest = digits.dropFirst(2)
        return "\(sign)\(percents.isEmpty ? "0" : percents)\(rest.isEmpty ? "" : ".\(rest)")%"
    }

    /// A percentage in a column, in whole percent rounded towards nothing, so that only what is full is told as `100%`. What
    /// is less than one percent and not nothing is `<1%`. A text that is not a decimal is returned unchanged.
    package static func percent(_ text: String) -> String {
        guard let (whole, fraction) = parts(text) else { return text }
        return whole == "0" && !fraction.isEmpty ? "<1%" : "\(number(String(whole)))%"
    }

    /// The whole part with its sign, and the fraction without zeros at its end; nil if the text is not a decimal.
    private static func parts(_ text: String) -> (whole: Substring, fraction: Substring)? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let digits = [parts[0].hasPrefix("-") ? parts[0].dropFirst() : parts[0]] + parts.dropFirst()
        guard digits.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0 &- UInt8(ascii: "0") <= 9 } }) else {
            return nil
        }
        return (parts[0], parts.count == 2 ? shortened(parts[1]) : "")
    }

    private static func shortened(_ fraction: Substring) -> Substring {
        var fraction = fraction
        while fraction.last == "0" { fraction.removeLast() }
        return fraction
    }

    /// Digits in groups of three: `1,234,567`.
    static func grouped(_ digits: some StringProtocol) -> String {
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }
}
