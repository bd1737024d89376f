/// A calendar month, the unit in which finance books and closes.
package struct CalendarMonth: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Months since the year 0: `year * 12 + month - 1`.
    package let number: Int

    package init(number: Int) { self.number = number }

    /// Reads `2026-11`.
    package init?(text: some StringProtocol) {
        guard text.utf8.count == 7, let day = CalendarDay(text: "\(text)-01") else { return nil }
        self = day.month
    }

    package var firstDay: CalendarDay { CalendarDay(firstOf: self) }
    package var next: CalendarMonth { CalendarMonth(number: number + 1) }
    package var description: String { String(firstDay.description.dropLast(3)) }

    package static func < (left: CalendarMonth, right: CalendarMonth) -> Bool { left.number < right.number }
}
