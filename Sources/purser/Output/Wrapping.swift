/// Breaks a text between its words, and words that are too long within.
enum Wrapping {
    /// The width of the longest word: no line can be narrower.
    static func narrowest(_ text: String) -> Int {
        text.split(separator: " ").map { DisplayWidth.of(String($0)) }.max() ?? 0
    }

    static func lines(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if let last = lines.last, DisplayWidth.of("\(last) \(word)") <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines += DisplayWidth.pieces(String(word), width: width)
            }
        }
        return lines
    }
}
