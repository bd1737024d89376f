extension Phrase {
    /// A duration in the largest unit of which it has at least two: `1 second`, `90 seconds`, `3 hours`, `2 days`.
    ///
    /// Rounded up, so that nobody comes back too early.
    package static func span(seconds: Int64) -> String { span(seconds, isRoundedUp: true) }

    private static func span(_ seconds: Int64, isRoundedUp: Bool) -> String {
        for (unit, length) in [("day", Int64(86_400)), ("hour", 3_600), ("minute", 60)] where seconds >= 2 * length {
            return count((seconds + (isRoundedUp ? length - 1 : 0)) / length, unit)
        }
        return count(seconds, "second")
    }

    /// A moment as seen from now: `in 3 days`, `now`, `2 hours ago`. Rounded up ahead and down behind, so that nothing is
    /// said to have come before it has.
    package static func fromNow(seconds: Int64) -> String {
        if seconds == 0 { return "now" }
        return seconds > 0 ? "in \(span(seconds: seconds))" : "\(span(-seconds, isRoundedUp: false)) ago"
    }

    /// A time in a sentence: `2026-12-01T00:00:00Z` becomes `2026-12-01 00:00 UTC`. Any other text is returned
    /// unchanged.
    package static func time(_ text: String) -> String {
        let parts = withoutFraction(text).split(separator: "T")
        guard parts.count == 2, parts[1].hasSuffix("Z"), parts[1].count == 9 else { return text }
        let clock = parts[1].dropLast()
        return "\(parts[0]) \(clock.hasSuffix(":00") ? clock.dropLast(3) : clock) UTC"
    }

    /// A day near today: `2026-11-26` becomes `Thu 26 Nov`. Any other text is returned unchanged.
    package static func day(_ text: String) -> String {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        guard text.count == 10, parts.count == 3, (1...12).contains(parts[1]) else { return text }
        let (year, month, day) = (parts[0], parts[1], parts[2])
        // Sakamoto's method: how far each month's days shift the weekday, in years that begin in March.
        let shift = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4][month - 1]
        let era = month < 3 ? year - 1 : year
        let weekday = (era + era / 4 - era / 100 + era / 400 + shift + day) % 7
        return "\(weekdays[weekday]) \(day) \(months[month - 1])"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// A time in a table column, to the second.
    package static func withoutFraction(_ time: String) -> String {
        guard let point = time.firstIndex(of: "."), time.hasSuffix("Z") else { return time }
        return time[..<point] + "Z"
    }
}
