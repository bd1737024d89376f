/// A moment in microseconds since 1970-01-01T00:00:00Z, the resolution of PostgreSQL.
package struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }
    package init(seconds: Int64) { self.microseconds = seconds * 1_000_000 }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    /// Whole seconds since 1970, rounded down.
    package var seconds: Int64 { microseconds.flooredQuotient(dividingBy: 1_000_000) }

    package func adding(microseconds more: Int64) -> Timestamp { Timestamp(microseconds: microseconds.plus(more)) }

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
        var text = ""
        withText { text = String(decoding: $0, as: UTF8.self) }
        return text
    }

    /// Calls `body` with the bytes of the description.
    package func withText(_ body: (UnsafeRawBufferPointer) -> Void) {
        var text = InlineArray<40, UInt8>(repeating: 0)
        var count = 0
        func write(_ value: Int, digits: Int, _ separator: Unicode.Scalar) {
            var rest = value
            for place in stride(from: count + digits - 1, through: count, by: -1) {
                text[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
            text[count + digits] = UInt8(ascii: separator)
            count += digits + 1
        }
        let day = day
        let (year, month, dayOfMonth) = day.parts
        let micros = Int(microseconds - Int64(day.daysSince1970) * 86_400_000_000)
        let (seconds, fraction) = micros.quotientAndRemainder(dividingBy: 1_000_000)
        // Ends of windows may lie in the year 10000.
        write(year, digits: year > 9999 ? 5 : 4, "-")
        write(month, digits: 2, "-")
        write(dayOfMonth, digits: 2, "T")
        write(seconds / 3600, digits: 2, ":")
        write(seconds / 60 % 60, digits: 2, ":")
        write(seconds % 60, digits: 2, fraction > 0 ? "." : "Z")
        if fraction > 0 {
            write(fraction, digits: 6, "Z")
            // Zeros at the end of a fraction are left out.
            while text[count - 2] == UInt8(ascii: "0") { count -= 1 }
            text[count - 1] = UInt8(ascii: "Z")
        }
        text.span.bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
}

extension FixedWidthInteger {
    /// Division rounded towards negative infinity, by a positive divisor.
    func flooredQuotient(dividingBy divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
