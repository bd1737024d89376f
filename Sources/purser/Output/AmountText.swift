/// Decimal texts of money, exactly as they are but for zeros at their end.
enum AmountText {
    /// Money is written with cents at least.
    static let minimumPlaces = 2

    /// The places of `text` that are not zeros at its end.
    static func places(_ text: String) -> Int {
        guard let point = text.firstIndex(of: ".") else { return 0 }
        return shortened(text[text.index(after: point)...]).count
    }

    /// `text` with `places` places or as many as it needs. What is no decimal comes back as it is.
    static func padded(_ text: String, places: Int) -> String {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigitOrSign) }) else { return text }
        let fraction = parts.count == 2 ? shortened(parts[1]) : ""
        let zeros = String(repeating: "0", count: max(0, places - fraction.count))
        return fraction.isEmpty && zeros.isEmpty ? String(parts[0]) : "\(parts[0]).\(fraction)\(zeros)"
    }

    /// As it is written in a sentence: `$0.0068`, `-$3.50`.
    static func dollars(_ text: String) -> String {
        let padded = padded(text, places: minimumPlaces)
        return padded.hasPrefix("-") ? "-$\(padded.dropFirst())" : "$\(padded)"
    }

    private static func shortened(_ fraction: Substring) -> Substring {
        var fraction = fraction
        while fraction.last == "0" { fraction.removeLast() }
        return fraction
    }

    private static func isDigitOrSign(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || byte &- UInt8(ascii: "0") <= 9
    }
}
