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

    /// `Did you mean a, b or c?`, a sentence of its own; nil where no known name is near.
    package static func question(for name: String, among known: some Sequence<String>) -> String? {
        choice(of(name, among: known)).map { "Did you mean \($0)?" }
    }

    /// ` (did you mean a, b or c?)`, to follow the name in a sentence; empty where no known name is near.
    package static func hint(for name: String, among known: some Sequence<String>) -> String {
        choice(of(name, among: known)).map { " (did you mean \($0)?)" } ?? ""
    }

    private static func choice(_ names: [String]) -> String? {
        guard let last = names.last else { return nil }
        let first = names.dropLast().joined(separator: ", ")
        return first.isEmpty ? last : "\(first) or \(last)"
    }
}
