/// Times that recur every week, in UTC, such as a provider's off-peak hours:
/// `mon-fri 00:00-01:00 10:00-24:00, sat-sun 00:00-24:00`.
package struct WeeklyHours: Hashable, Sendable {
    /// In minutes since Monday 00:00. There is at least one span; they are in order and do not overlap or touch.
    package let spans: [Range<Int>]

    static let minutesADay = 24 * 60
    static let minutesAWeek = 7 * minutesADay

    /// Whether `moment` is in one of the spans.
    package func contains(_ moment: Timestamp) -> Bool { contains(minute: Self.minute(of: moment)) }

    func contains(minute: Int) -> Bool { spans.contains { $0.contains(minute) } }

    /// Minutes since the last Monday 00:00 UTC.
    static func minute(of moment: Timestamp) -> Int {
        // 1970-01-01 was a Thursday.
        let minutes = Int(moment.seconds.flooredQuotient(dividingBy: 60)) + 3 * minutesADay
        return minutes - minutes.flooredQuotient(dividingBy: minutesAWeek) * minutesAWeek
    }

    /// The last Monday 00:00 UTC at or before `moment`.
    static func monday(before moment: Timestamp) -> Timestamp {
        let minutes = moment.seconds.flooredQuotient(dividingBy: 60) - Int64(minute(of: moment))
        return Timestamp(seconds: minutes * 60)
    }

    /// Joins parts that overlap or touch; nil if no part remains.
    private init?(_ parts: [Range<Int>]) {
        var spans: [Range<Int>] = []
        for part in parts.filter({ !$0.isEmpty }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = spans.last, part.lowerBound <= last.upperBound {
                spans[spans.count - 1] = last.lowerBound..<max(last.upperBound, part.upperBound)
            } else {
                spans.append(part)
            }
        }
        guard !spans.isEmpty else { return nil }
        self.spans = spans
    }
}

// Reading from text.
extension WeeklyHours {
    private static let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    private static let maximumCharacters = 1024

    /// Reads groups of days and times, separated by commas. A time that ends before it begins continues on the next
    /// day.
    package init?(text: String) {
        guard text.utf8.count <= Self.maximumCharacters else { return nil }
        var parts: [Range<Int>] = []
        for group in text.split(separator: ",", omittingEmptySubsequences: false) {
            let words = group.split(separator: " ")
            guard words.count >= 2, let days = Self.daySpan(words[0]) else { return nil }
            for word in words.dropFirst() {
                guard let time = Self.timeSpan(word) else { return nil }
                for day in days {
                    let begin = day * Self.minutesADay + time.lowerBound
                    let end = day * Self.minutesADay + time.upperBound
                    parts.append(begin..<min(end, Self.minutesAWeek))
                    // A time that continues past Sunday ends on Monday.
                    if end > Self.minutesAWeek { parts.append(0..<end - Self.minutesAWeek) }
                }
            }
        }
        self.init(parts)
    }

    /// `mon-fri` or `sun`. The first day must not come after the last.
    private static func daySpan(_ text: Substring) -> ClosedRange<Int>? {
        let names = text.split(separator: "-", omittingEmptySubsequences: false).map { days.firstIndex(of: String($0)) }
        guard (1...2).contains(names.count), let first = names.first!, let last = names.last!, first <= last else {
            return nil
        }
        return first...last
    }

    /// `04:00-06:00`. `22:00-02:00` ends on the next day, and `24:00` is the first minute of the next day.
    private static func timeSpan(_ text: Substring) -> Range<Int>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(minuteOfDay)
        guard ends.count == 2, let begin = ends[0], let end = ends[1], begin < minutesADay, begin != end else {
            return nil
        }
        return begin..<(end > begin ? end : end + minutesADay)
    }

    private static func minuteOfDay(_ text: Substring) -> Int? {
        let digits = Array(text.utf8)
        guard digits.count == 5, digits[2] == UInt8(ascii: ":") else { return nil }
        var numbers: [Int] = []
        for digit in [digits[0], digits[1], digits[3], digits[4]] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            numbers.append(Int(digit - UInt8(ascii: "0")))
        }
        let (hour, minute) = (numbers[0] * 10 + numbers[1], numbers[2] * 10 + numbers[3])
        guard minute < 60, hour < 24 || (hour == 24 && minute == 0) else { return nil }
        return hour * 60 + minute
    }
}

extension WeeklyHours: CustomStringConvertible {
    /// The only text for these hours: the times of each day, with consecutive days that have the same times grouped.
    package var description: String {
        let times = (0..<7).map(times(of:))
        var groups: [String] = []
        var first = 0
        while first < 7 {
            let last = (first..<7).last { times[first...$0].allSatisfy { $0 == times[first] } }!
            if !times[first].isEmpty {
                let days = first == last ? Self.days[first] : "\(Self.days[first])-\(Self.days[last])"
                groups.append("\(days) \(times[first])")
            }
            first = last + 1
        }
        return groups.joined(separator: ", ")
    }

    private func times(of day: Int) -> String {
        let whole = day * Self.minutesADay..<(day + 1) * Self.minutesADay
        return spans.map { $0.clamped(to: whole) }.filter { !$0.isEmpty }.map { span in
            "\(Self.time(span.lowerBound - whole.lowerBound))-\(Self.time(span.upperBound - whole.lowerBound))"
        }.joined(separator: " ")
    }

    private static func time(_ minute: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(minute / 60)):\(two(minute % 60))"
    }
}
