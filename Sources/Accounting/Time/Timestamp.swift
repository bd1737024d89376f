/// A moment in microseconds since 1970-01-01T00:00:00Z, the resolution of PostgreSQL.
package struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }
    package init(seconds: Int64) { self.microseconds = seconds * 1_000_000 }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    /// Whole seconds since 1970, rounded down.
    package var seconds: Int64 { microseconds.flooredQuotient(dividingBy: 1_000_000) }

    package func adding(seconds: Int64) -> Timestamp { Timestamp(microseconds: microseconds + seconds * 1_000_000) }
    /// Whole seconds from `earlier` to this moment, rounded up, at least 0.
    package func secondsCeiling(since earlier: Timestamp) -> Int64 {
        max(0, (microseconds - earlier.microseconds + 999_999) / 1_000_000)
    }

    /// The day in UTC.
    package var day: CalendarDay {
        CalendarDay(daysSince1970: Int(microseconds.flooredQuotient(dividingBy: 86_400_000_000)))
    }

    /// RFC 3339 in UTC, with a fraction only where there is one.
    package var description: String {
        let micros = microseconds - Int64(day.daysSince1970) * 86_400_000_000
        let seconds = micros / 1_000_000
        let fraction = micros % 1_000_000
        var text = "\(day)T\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
        if fraction > 0 {
            text += FixedPoint.text(fraction, places: 6).dropFirst(1)
        }
        return text + "Z"
    }

    private func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}

extension FixedWidthInteger {
    /// Division rounded towards negative infinity, by a positive divisor.
    func flooredQuotient(dividingBy divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
