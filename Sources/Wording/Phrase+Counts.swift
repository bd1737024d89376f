extension Phrase {
    /// `1 call`, `2,000 calls`. `things` is the plural if it takes more than an `s`.
    package static func count(_ number: some BinaryInteger, _ thing: String, _ things: String? = nil) -> String {
        let sign = number < 0 ? "-" : ""
        return "\(sign)\(grouped(String(number.magnitude))) \(number == 1 ? thing : things ?? thing + "s")"
    }

    /// All of them: `a`, `a and b`, `a, b and c`.
    package static func all(_ names: [String]) -> String {
        let first = names.dropLast().joined(separator: ", ")
        return first.isEmpty ? names.last ?? "" : "\(first) and \(names[names.count - 1])"
    }

    /// The first few of many: `a, b and 3 more`.
    package static func list(_ names: [String], most: Int = 5) -> String {
        let shown = names.prefix(most).joined(separator: ", ")
        return names.count > most ? "\(shown) and \(grouped(String(names.count - most))) more" : shown
    }
}
