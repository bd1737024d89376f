/// How many columns a text takes on a terminal. East Asian wide characters and emoji take two, combining marks none.
enum DisplayWidth {
    static func of(_ text: String) -> Int { text.reduce(0) { $0 + of($1) } }

    static func of(_ character: Character) -> Int {
        character.unicodeScalars.reduce(0) { max($0, of($1)) }
    }

    /// `text` in pieces that fit `width`; a single character may be wider.
    static func pieces(_ text: String, width: Int) -> [String] {
        var pieces = [""]
        for character in text {
            let last = pieces.count - 1
            if !pieces[last].isEmpty, of(pieces[last]) + of(character) > width {
                pieces.append(String(character))
            } else {
                pieces[last].append(character)
            }
        }
        return pieces
    }

    private static func of(_ scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return scalar.value == 0xFE0F ? 2 : 0
        default: return isWide(scalar.value) ? 2 : 1
        }
    }

    /// Unicode's EastAsianWidth.txt, classes W and F, in blocks.
    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
            0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
            0x1F680...0x1F6FF, 0x1F900...0x1FAFF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}
