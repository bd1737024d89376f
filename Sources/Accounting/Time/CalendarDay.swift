/// A day of the proleptic Gregorian calendar, years 1 to 9999 as text.
package struct CalendarDay: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let daysSince1970: Int

    package init(daysSince1970: Int) { self.daysSince1970 = daysSince1970 }

    /// Nil where there is no such day.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        daysSince1970 = Self.daysSince1970(year: year, month: month, day: day)
        guard parts == (year, month, day) else { return nil }
    }

    /// The first day of a month. Also works for the month right before the year 1 or after 9999, where the last windows
    /// end.
    init(firstOf month: CalendarMonth) {
        let year = month.number.flooredQuotient(dividingBy: 12)
        daysSince1970 = Self.daysSince1970(year: year, month: month.number - year * 12 + 1, day: 1)
    }

    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        // Years are counted from 1 March, so that the leap day is the last day of its year.
        let shiftedYear = month > 2 ? year : year - 1
        let shiftedMonth = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * shiftedMonth + 2) / 5 + day - 1
        let leapDays =
            shiftedYear.flooredQuotient(dividingBy: 4) - shiftedYear.flooredQuotient(dividingBy: 100)
            + shiftedYear.flooredQuotient(dividingBy: 400)
        return shiftedYear * 365 + leapDays + dayOfYear - 719_468
    }

    /// Reads `2026-11-21`.
    package init?(text: some StringProtocol) {
        let fields = text.split(separator: "-", omittingEmptySubsequences: false)
        guard fields.map(\.utf8.count) == [4, 2, 2], text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") }),
            let year = Int(fields[0]), let month = Int(fields[1]), let day = Int(fields[2])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    package var parts: (year: Int, month: Int, day: Int) {
        let shifted = daysSince1970 + 719_468
        let era = shifted.flooredQuotient(dividingBy: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    package var month: CalendarMonth { CalendarMonth(number: parts.year * 12 + parts.month - 1) }
    package var startUTC: Timestamp { Timestamp(seconds: Int64(daysSince1970) * 86_400) }

    package var description: String {
        let (year, month, day) = parts
        let padding = String(repeating: "0", count: max(0, 4 - String(year).count))
        return "\(padding)\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
    }

    package static func < (left: CalendarDay, right: CalendarDay) -> Bool { left.daysSince1970 < right.daysSince1970 }
}
