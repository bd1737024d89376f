import Accounting

/// The days that a report is of, in the accounting time zone: from one up to another, which is not one of them.
///
/// An entry counts on its posting day: the day of its call, or the first day of the month it is booked in if that is later.
/// So a report of the days of a month is that of the month, and what comes late changes no report of closed months.
package struct ReportRange: Sendable, Hashable {
    package let from: CalendarDay
    package let to: CalendarDay

    /// Nil where there is no day in it.
    package init?(from: CalendarDay, to: CalendarDay) {
        guard from < to else { return nil }
        (self.from, self.to) = (from, to)
    }

    package init(_ month: CalendarMonth) { (from, to) = (month.firstDay, month.next.firstDay) }

    /// The month that the days are; nil where they are fewer, or more.
    package var month: CalendarMonth? {
        from == from.month.firstDay && to == from.month.next.firstDay ? from.month : nil
    }

    /// In words, such as `2026-10`.
    package var text: String { month?.description ?? "from \(from) to before \(to)" }
}
