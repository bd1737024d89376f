/// A name that adds something to a name in the price book, such as a date. If the price book lacks the full name, the
/// model is looked up under `base`.
struct DerivedName {
    let base: String
    let rule: PriceBook.Rule

    /// Nil where `name` has no base.
    init?(_ name: String) {
        if let base = Self.fineTuned(name) {
            (self.base, rule) = (base, .fineTune)
        } else if let base = Self.undated(name) {
            (self.base, rule) = (base, .snapshot)
        } else {
            return nil
        }
    }

    /// `ft:gpt-4o-mini-2024-07-18:org:name:id` → `ft:gpt-4o-mini-2024-07-18`: fine-tuned models have prices of their
    /// own, listed by the model they were made from.
    private static func fineTuned(_ name: String) -> String? {
        let start = name.utf8.lastIndex(of: UInt8(ascii: "/")).map { name.utf8.index(after: $0) } ?? name.startIndex
        guard name[start...].utf8.starts(with: "ft:".utf8) else { return nil }
        let parts = name[start...].split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[1].isEmpty else { return nil }
        return String(name[..<parts[1].endIndex])
    }

    /// `claude-sonnet-4-5-20250929`, `claude-sonnet-4-5@20250929`, `gpt-4o-2024-08-06` → the name without its day.
    private static func undated(_ name: String) -> String? {
        let bytes = name.utf8
        for length in [8, 10] where bytes.count > length + 1 {
            let start = bytes.index(bytes.endIndex, offsetBy: -length)
            let mark = bytes.index(before: start)
            guard bytes[mark] == UInt8(ascii: "-") || bytes[mark] == UInt8(ascii: "@") else { continue }
            let day = name[start...]
            let text = length == 10 ? String(day) : "\(day.prefix(4))-\(day.dropFirst(4).prefix(2))-\(day.suffix(2))"
            if CalendarDay(text: text) != nil { return String(name[..<mark]) }
        }
        return nil
    }
}
