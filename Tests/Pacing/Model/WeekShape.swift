import Accounting

/// How the calls of a team are spread over its weeks: full days from Monday to Friday, some of Saturday and Sunday, few at
/// night. It says at which moment of a window a part of all calls has come.
package struct WeekShape: Sendable {
    /// In hundredths of a working day, from Monday on.
    private static let days: [Int64] = [100, 100, 100, 100, 100, 30, 20]
    /// In hundredths of the busiest hour, from midnight on.
    private static let hours: [Int64] = [
        8, 6, 5, 5, 6, 10, 20, 45, 80, 100, 100, 95, 85, 95, 100, 100, 95, 85, 65, 50, 40, 30, 20, 12,
    ]
    private static let hourMicroseconds: Int64 = 3_600_000_000

    private let start: Timestamp
    /// By hour of the window, the weights of the hours before it.
    private let before: [Int64]

    /// - Parameter factor: how busy the day of this place in the window is, in percent of the usual.
    package init(of window: WindowSpan, factor: (Int) -> Int64 = { _ in 100 }) {
        start = window.start
        let count = Int((window.end!.microseconds - window.start.microseconds) / Self.hourMicroseconds)
        var sums: [Int64] = [0]
        for hour in 0..<count {
            let moment = start.adding(seconds: Int64(hour) * 3_600)
            // 1970-01-01 was a Thursday.
            let weekday = (moment.day.daysSince1970 + 3) % 7
            let weight = Self.days[weekday] * Self.hours[Int(moment.seconds / 3_600 % 24)] * factor(hour / 24)
            sums.append(sums[hour] + weight)
        }
        before = sums
    }

    /// The moment at which this part of all calls has come.
    package func moment(of part: Int64, in whole: Int64) -> Timestamp {
        let target = Int128(before[before.count - 1]) * Int128(part)
        var (low, high) = (0, before.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if Int128(before[middle]) * Int128(whole) <= target { low = middle } else { high = middle }
        }
        let rest = target - Int128(before[low]) * Int128(whole)
        let share = rest * Int128(Self.hourMicroseconds) / (Int128(before[high] - before[low]) * Int128(whole))
        return Timestamp(microseconds: start.microseconds + Int64(low) * Self.hourMicroseconds + Int64(share))
    }

    /// Whether the day at this place in the window is a Saturday or a Sunday.
    package static func isWeekend(_ day: CalendarDay) -> Bool { (day.daysSince1970 + 3) % 7 >= 5 }
}
