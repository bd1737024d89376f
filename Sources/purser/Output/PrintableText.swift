/// Makes text from elsewhere safe to show on a terminal.
enum PrintableText {
    /// Control characters, line separators and the marks that turn the direction of text become visible escapes such as
    /// `\u{1b}`. Printed unchanged, they could rewrite what the reader sees.
    static func of(_ text: some StringProtocol) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return String(text) }
        var printable = ""
        for scalar in text.unicodeScalars {
            if isUnsafe(scalar) {
                printable += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                printable.unicodeScalars.append(scalar)
            }
        }
        return printable
    }

    /// The same for each line of a text.
    static func lines(of text: String) -> String {
        text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            of(String(line.last == "\r" ? line.dropLast() : line))
        }.joined(separator: "\n")
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F: true
        case 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
