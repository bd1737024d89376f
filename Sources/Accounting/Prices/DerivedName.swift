/// A name that adds something to a name in the price book, such as a date. If the price book lacks the full name, the
/// model is looked up under `base`.
struct DerivedName {
    let base: String
    let rule: PriceBook.Rule

    /// Nil where `name` has no base.
    init?(_ name: String) {
        if let base = Self.fineTuned(name) {
            (self.base, rule) = (base, .fineTune)
        } else if let snapshot = SnapshotName(name), snapshot.isCertain {
            (base, rule) = (snapshot.base, .snapshot)
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
}
