/// How a budget's windows follow each other.
package enum Period: Hashable, Sendable {
    case hour, day
    case week(startsOn: WeekStart)
    case month
    /// `firstMonth` is the first month of the fiscal year, 1 to 12.
    case quarter(firstMonth: Int)
    case year(firstMonth: Int)
    /// One window without an end.
    case total
    /// One window without an end, which counts what was spent of late.
    case rolling(RollingPeriod)

    package enum WeekStart: String, Sendable, CaseIterable { case monday, sunday }

    /// Weeks that begin on Monday, and years that begin in January.
    package static let week = week(startsOn: .monday)
    package static let quarter = quarter(firstMonth: 1)
    package static let year = year(firstMonth: 1)

    package static let firstMonths = 1...12

    /// The window that contains `moment`: from its first moment (inclusive) to the first of the next window
    /// (exclusive).
    ///
    /// A window without an end begins in 1970.
    package func window(containing moment: Timestamp, in zone: Zone) -> WindowSpan {
        if self == .hour { return zone.hour(at: moment) }
        guard let (first, next) = days(around: zone.day(at: moment)) else {
            return WindowSpan(start: Timestamp(seconds: 0), end: nil)
        }
        return WindowSpan(start: zone.start(of: first), end: zone.start(of: next))
    }

    private func days(around day: CalendarDay) -> (first: CalendarDay, next: CalendarDay)? {
        /// - Parameter firstMonth: one of the months in which windows begin.
        func months(_ count: Int, from firstMonth: Int = 1) -> (CalendarDay, CalendarDay) {
            let offset = firstMonth - 1
            let first = (day.month.number - offset).flooredQuotient(dividingBy: count) * count + offset
            return (CalendarMonth(number: first).firstDay, CalendarMonth(number: first + count).firstDay)
        }
        switch self {
        case .hour, .total, .rolling: return nil
        case .day: return (day, CalendarDay(daysSince1970: day.daysSince1970 + 1))
        case .week(let start):
            // 1970-01-01 was a Thursday.
            let daysBefore = start == .monday ? 3 : 4
            let first = (day.daysSince1970 + daysBefore).flooredQuotient(dividingBy: 7) * 7 - daysBefore
            return (CalendarDay(daysSince1970: first), CalendarDay(daysSince1970: first + 7))
        case .month: return months(1)
        case .quarter(let firstMonth): return months(3, from: firstMonth)
        case .year(let firstMonth): return months(12, from: firstMonth)
        }
    }

    /// Whether windows end, so that a later one has a limit of its own.
    package var hasWindows: Bool {
        switch self {
        case .total, .rolling: false
        default: true
        }
    }

    package var rolling: RollingPeriod? {
        if case .rolling(let rolling) = self { rolling } else { nil }
    }
}

/// The time that one window of a budget covers.
package struct WindowSpan: Hashable, Sendable {
    package let start: Timestamp
    /// Exclusive; nil for a window without an end.
    package let end: Timestamp?

    package init(start: Timestamp, end: Timestamp?) {
        self.start = start
        self.end = end
    }

    package func contains(_ moment: Timestamp) -> Bool {
        start <= moment && (end.map { moment < $0 } ?? true)
    }
}
