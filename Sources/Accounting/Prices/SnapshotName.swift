/// A model's name that names one snapshot of it, as makers write them: a date at the end, or `latest` for the newest.
struct SnapshotName {
    /// The name of the model itself, which all its snapshots share.
    let base: String
    /// False for a short date (`gpt-4-0613`), which may also be a size or a version: it is a date only if the price book
    /// has the base.
    let isCertain: Bool

    /// Nil where `name` names no snapshot.
    init?(_ name: String) {
        let bytes = name.utf8
        guard let mark = bytes.lastIndex(where: { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "@") }),
            mark != bytes.startIndex
        else { return nil }
        let end = name[bytes.index(after: mark)...]
        if end == "latest" || end == "default" && bytes[mark] == UInt8(ascii: "@") || Self.isDay(end) {
            (base, isCertain) = (String(name[..<mark]), true)
        } else if let start = Self.dashedDay(name) {
            (base, isCertain) = (String(name[..<start]), true)
        } else if Self.isShortDate(end) {
            (base, isCertain) = (String(name[..<mark]), false)
        } else if let start = Self.dashedMonthDay(name) {
            (base, isCertain) = (String(name[..<start]), false)
        } else {
            return nil
        }
    }

    /// `20250929`
    private static func isDay(_ text: Substring) -> Bool {
        text.utf8.count == 8
            && CalendarDay(text: "\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.suffix(2))") != nil
    }

    /// `0613` is a month and a day, `2411` a year and a month.
    private static func isShortDate(_ text: Substring) -> Bool {
        guard text.utf8.count == 4, let number = Int(text) else { return false }
        return isMonthDay(number / 100, number % 100)
            || (20...49).contains(number / 100) && (1...12).contains(number % 100)
    }

    private static func isMonthDay(_ month: Int, _ day: Int) -> Bool {
        (1...12).contains(month) && (1...31).contains(day)
    }

    /// Where the end of `…-2024-08-06` begins.
    private static func dashedDay(_ name: String) -> String.Index? {
        start(of: name, bytes: 10).flatMap { CalendarDay(text: String(name[$0.after...])) == nil ? nil : $0.mark }
    }

    /// Where the end of `…-05-20` begins.
    private static func dashedMonthDay(_ name: String) -> String.Index? {
        start(of: name, bytes: 5).flatMap { start -> String.Index? in
            let parts = name[start.after...].split(separator: "-").map { Int($0) }
            guard parts.count == 2, let month = parts[0], let day = parts[1], isMonthDay(month, day) else { return nil }
            return start.mark
        }
    }

    private static func start(of name: String, bytes count: Int) -> (mark: String.Index, after: String.Index)? {
        let bytes = name.utf8
        guard bytes.count > count + 1 else { return nil }
        let after = bytes.index(bytes.endIndex, offsetBy: -count)
        let mark = bytes.index(before: after)
        return bytes[mark] == UInt8(ascii: "-") || bytes[mark] == UInt8(ascii: "@") ? (mark, after) : nil
    }
}
