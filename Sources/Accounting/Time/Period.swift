/// The length of a budget's windows.
package enum Period: String, Sendable, CaseIterable {
    case day, week, month, quarter, year, total

    /// The window that contains `moment`: from its first moment (inclusive) to the first of the next window
    /// (exclusive).
    ///
    /// Weeks begin on Monday. A total window begins in 1970 and has no end.
    package func window(containing moment: Timestamp, in zone: Zone) -> WindowSpan {
        guard let (first, next) = days(around: zone.day(at: moment)) else {
            return WindowSpan(start: Timestamp(seconds: 0), end: nil)
        }
        return WindowSpan(start: zone.start(of: first), end: zone.start(of: next))
    }

    private func days(around day: CalendarDay) -> (first: CalendarDay, next: CalendarDay)? {
        func months(_ count: Int) -> (CalendarDay, CalendarDay) {
            let first = day.month.number / count * count
            return (CalendarMonth(number: first).firstDay, CalendarMonth(number: first + count).firstDay)
        }
        switch self {
        case .day: return (day, CalendarDay(daysSince1970: day.daysSince1970 + 1))
        case .week:
            // 1970-01-01 was a Thursday.
            let monday = (day.daysSince1970 + 3).flooredQuotient(dividingBy: 7) * 7 - 3
            return (CalendarDay(daysSince1970: monday), CalendarDay(daysSince1970: monday + 7))
        case .month: return months(1)
        case .quarter: return months(3)
        case .year: return months(12)
        case .total: return nil
        }
    }
}

/// The time that one window of a budget covers.
package struct WindowSpan: Hashable, Sendable {
    package let start: Timestamp
    /// Exclusive; nil for a total budget.
    package let end: Timestamp?

    package init(start: Timestamp, end: Timestamp?) {
        self.start = start
        self.end = end
    }

    package func contains(_ moment: Timestamp) -> Bool {
        start <= moment && (end.map { moment < $0 } ?? true)
    }
}
