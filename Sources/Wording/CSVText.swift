/// Writes CSV as RFC 4180 describes it, with values that no spreadsheet takes for a formula.
package enum CSVText {
    package static func record(_ fields: [String]) -> String {
        fields.map { quoted(guarded($0)) }.joined(separator: ",") + "\r\n"
    }

    /// What was written by `guarded`, as it was before.
    package static func unguarded(_ field: String) -> String {
        field.hasPrefix("'") && beginsLikeFormula(field) ? String(field.dropFirst()) : field
    }

    /// A spreadsheet would execute a cell that begins like a formula; after an apostrophe it takes it for text.
    private static func guarded(_ field: String) -> String {
        beginsLikeFormula(field) && !isNegativeNumber(field) ? "'" + field : field
    }

    /// Apostrophes before it do not count, so that one can be taken off again whatever the text was.
    private static func beginsLikeFormula(_ field: String) -> Bool {
        guard let first = field.utf8.first(where: { $0 != UInt8(ascii: "'") }) else { return false }
        return "=+-@\t\r".utf8.contains(first)
    }

    private static func isNegativeNumber(_ field: String) -> Bool {
        field.hasPrefix("-")
            && field.utf8.dropFirst().allSatisfy { $0 &- UInt8(ascii: "0") <= 9 || $0 == UInt8(ascii: ".") }
    }

    private static func quoted(_ field: String) -> String {
        // Compares bytes, because Swift treats CR LF as one `Character`.
        let needsQuotes = field.utf8.contains { ",\"\r\n".utf8.contains($0) }
        return needsQuotes ? "\"\(field.replacing("\"", with: "\"\""))\"" : field
    }
}
