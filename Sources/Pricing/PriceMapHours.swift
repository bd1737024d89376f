import Accounting
import JSON

/// The hours of the week of `off_peak_pricing`: `hours_utc` holds on every day, `windows` on some weekdays of the time
/// zone `weekday_timezone`.
struct PriceMapHours {
    let hours: WeeklyHours

    static let fields = ["hours_utc", "windows", "weekday_timezone"]

    private static let minutesADay = 24 * 60
    private static let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    private struct Rule {
        /// In minutes of the UTC day.
        let spans: [Range<Int>]
        /// 1 is Monday.
        let weekdays: Set<Int64>
    }

    /// Nil if any part is not understood.
    init?(_ value: JSONValue) {
        // China has no daylight saving time; the weekdays of other time zones would shift with the season.
        let offsets = ["": 0, "UTC": 0, "Asia/Shanghai": 8 * 60]
        guard let offset = offsets[value["weekday_timezone"]?.string ?? ""] else { return nil }
        var rules: [Rule] = []
        if let every = value["hours_utc"] {
            guard let spans = Self.spans(every) else { return nil }
            rules.append(Rule(spans: spans, weekdays: Set(1...7)))
        }
        for window in value["windows"]?.elements.map({ $0 }) ?? [] {
            guard let hours = window["hours_utc"], let spans = Self.spans(hours) else { return nil }
            var weekdays = Set<Int64>(1...7)
            if let named = window["weekdays"] {
                weekdays = Set(named.elements.map { $0.integer ?? 0 })
                guard !weekdays.isEmpty, weekdays.isSubset(of: 1...7) else { return nil }
            }
            rules.append(Rule(spans: spans, weekdays: weekdays))
        }
        let groups = Self.days.indices.compactMap { day in Self.group(day, rules, offset) }
        guard let hours = WeeklyHours(text: groups.joined(separator: ", ")) else { return nil }
        self.hours = hours
    }

    /// The hours of one UTC day, such as `fri 00:00-01:00 04:00-06:00`; nil if the day has none.
    private static func group(_ day: Int, _ rules: [Rule], _ offset: Int) -> String? {
        var times = ""
        var begin: Int?
        for minute in 0...minutesADay {
            let weekday = Int64((day * minutesADay + minute + offset) / minutesADay % 7 + 1)
            let isIn =
                minute < minutesADay
                && rules.contains { rule in
                    rule.weekdays.contains(weekday) && rule.spans.contains { $0.contains(minute) }
                }
            if isIn, begin == nil { begin = minute }
            if !isIn, let first = begin {
                times += " \(time(first))-\(time(minute))"
                begin = nil
            }
        }
        return times.isEmpty ? nil : days[day] + times
    }

    private static func time(_ minute: Int) -> String {
        [minute / 60, minute % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }

    /// Reads `"16:30-00:30"` or a list of such spans.
    private static func spans(_ value: JSONValue) -> [Range<Int>]? {
        let texts = value.kind == .array ? value.elements.map(\.string) : [value.string]
        var spans: [Range<Int>] = []
        for text in texts {
            let ends = (text ?? "").split(separator: "-", omittingEmptySubsequences: false).map(minute)
            guard ends.count == 2, let begin = ends[0], let end = ends[1] else { return nil }
            // A span that ends before it begins covers the end and the beginning of the same day.
            spans += begin < end ? [begin..<end] : [0..<end, begin..<minutesADay]
        }
        return spans
    }

    private static func minute(_ text: Substring) -> Int? {
        let numbers = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let hour = numbers[0], let minute = numbers[1], (0..<24).contains(hour),
            (0..<60).contains(minute), text.utf8.count == 5
        else { return nil }
        return hour * 60 + minute
    }
}
