/// The known names that a misspelt one was probably meant for.
package enum NearestNames {
    private static let maximumShown = 3

    /// Those that differ in the fewest letters, if these are few.
    package static func of(_ name: String, among known: some Sequence<String>) -> [String] {
        let length = name.count
        // Of a short name, nearly all short names differ in few letters.
        let most = max(1, min(3, length / 3))
        let near = known.compactMap { other -> (edits: Int, name: String)? in
            guard abs(other.count - length) <= most else { return nil }
            let edits = EditDistance.between(name, other)
            return edits <= most ? (edits, other) : nil
        }
        let fewest = near.map(\.edits).min()
        return near.filter { $0.edits == fewest }.map(\.name).sorted().prefix(maximumShown).map(\.self)
    }

    /// ` (did you mean a, b or c?)`, to follow the name in a sentence; empty where no known name is near.
    package static func hint(for name: String, among known: some Sequence<String>) -> String {
        let names = of(name, among: known)
        guard let last = names.last else { return "" }
        let first = names.dropLast().joined(separator: ", ")
        return " (did you mean \(first.isEmpty ? last : "\(first) or \(last)")?)"
    }
}
