/// A name that adds something to a name in the price book, such as a date. If the price book lacks the full name, the
/// model is looked up under `bases`.
struct DerivedName {
    /// In the order in which they are tried. The last has the least left of what was added.
    let bases: [String]
    let rule: PriceBook.Rule

    /// Nil where `name` has no base.
    /// - Parameter provider: the provider that was named beside the model, or in front of it; nil if none was.
    init?(_ name: String, provider: String?) {
        if let base = Self.fineTuned(name) {
            self.init([base], .fineTune)
        } else if let base = Self.withoutPath(name, provider) {
            self.init([base], .path)
        } else if let derived = Self.ofBedrock(name, provider) {
            self = derived
        } else if let base = Self.withoutVariant(name, provider) {
            self.init([base], .variant)
        } else if let snapshot = SnapshotName(name), snapshot.isCertain {
            self.init([snapshot.base], .snapshot)
        } else {
            return nil
        }
    }

    init(_ bases: [String], _ rule: PriceBook.Rule) { (self.bases, self.rule) = (bases, rule) }

    /// `ft:gpt-4o-mini-2024-07-18:org:name:id` → `ft:gpt-4o-mini-2024-07-18`: fine-tuned models have prices of their
    /// own, listed by the model they were made from.
    private static func fineTuned(_ name: String) -> String? {
        let start = name.utf8.lastIndex(of: UInt8(ascii: "/")).map { name.utf8.index(after: $0) } ?? name.startIndex
        guard name[start...].utf8.starts(with: "ft:".utf8) else { return nil }
        let parts = name[start...].split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[1].isEmpty else { return nil }
        return String(name[..<parts[1].endIndex])
    }

    /// Google's APIs name a model by its place among their resources, Azure's customers by the kind of deployment:
    /// `projects/p/locations/l/publishers/google/models/gemini-2.5-pro` → `vertex_ai/gemini-2.5-pro`.
    private static func withoutPath(_ name: String, _ provider: String?) -> String? {
        switch provider {
        case nil where name.hasPrefix("models/"): "google/" + name.dropFirst(7)
        case nil where name.hasPrefix("publishers/") || name.hasPrefix("projects/"):
            lastOf(name, after: "/models/").map { "vertex_ai/" + $0 }
        case "google": name.hasPrefix("models/") ? String(name.dropFirst(7)) : lastOf(name, after: "/models/")
        case "vertex_ai":
            lastOf(name, after: "/models/")
                ?? ["google/", "anthropic/", "models/"].first(where: name.hasPrefix).map {
                    String(name.dropFirst($0.count))
                }
        case "azure":
            ["global-standard/", "globalstandard/", "global/", "standard/"].first(where: name.hasPrefix).map {
                String(name.dropFirst($0.count))
            }
        default: nil
        }
    }

    private static func lastOf(_ name: String, after mark: String) -> String? {
        guard let start = name.firstRange(of: mark)?.upperBound, start < name.endIndex else { return nil }
        return String(name[start...])
    }

    /// What OpenRouter adds to a model's name to choose among those that host it, or to let it search the web. What it
    /// gives away (`:free`) is a model of its own.
    private static let variants = [":nitro", ":floor", ":exacto", ":online", ":thinking", ":beta"]

    private static func withoutVariant(_ name: String, _ provider: String?) -> String? {
        guard provider == "openrouter", let variant = variants.first(where: name.hasSuffix) else { return nil }
        return String(name.dropLast(variant.count))
    }
}
