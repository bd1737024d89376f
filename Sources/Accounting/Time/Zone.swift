import Foundation
import Synchronization

/// An IANA time zone, such as `Europe/Berlin`, in which days, months and windows begin.
package final class Zone: Sendable, Hashable {
    package let name: String
    private let calendar: Calendar
    /// The day that was asked for last: nearly every question is about today.
    private let recent = Mutex<(start: Int64, end: Int64, day: CalendarDay)?>(nil)

    package static let utc = Zone(name: "UTC")!

    /// Nil where there is no such zone.
    package init?(name: String) {
        guard name == "UTC" || TimeZone.knownTimeZoneIdentifiers.contains(name) || name.hasPrefix("Etc/"),
            let timeZone = TimeZone(identifier: name)
        else { return nil }
        self.name = name
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = timeZone
        self.calendar = calendar
    }

    /// The moment at which `day` begins here; where midnight is skipped, the first moment after it.
    package func start(of day: CalendarDay) -> Timestamp {
        let parts = day.parts
        let noon = calendar.date(
            from: DateComponents(year: parts.year, month: parts.month, day: parts.day, hour: 12))!
        return Timestamp(seconds: Int64(calendar.startOfDay(for: noon).timeIntervalSince1970.rounded()))
    }

    /// The day it is here at `moment`.
    package func day(at moment: Timestamp) -> CalendarDay {
        if name == "UTC" { return moment.day }
        let known = recent.withLock { $0 }
        if let known, known.start <= moment.microseconds, moment.microseconds < known.end { return known.day }
        let seconds = moment.microseconds.flooredQuotient(dividingBy: 1_000_000)
        let parts = calendar.dateComponents(
            [.year, .month, .day], from: Date(timeIntervalSince1970: TimeInterval(seconds)))
        let day = CalendarDay(year: parts.year!, month: parts.month!, day: parts.day!)!
        let next = CalendarDay(daysSince1970: day.daysSince1970 + 1)
        recent.withLock { $0 = (start(of: day).microseconds, start(of: next).microseconds, day) }
        return day
    }

    package static func == (left: Zone, right: Zone) -> Bool { left.name == right.name }
    package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
