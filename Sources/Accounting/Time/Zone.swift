import Foundation
import Synchronization

/// An IANA time zone, such as `Europe/Berlin`, in which days, months and windows begin.
package final class Zone: Sendable, Hashable {
    package let name: String
    private let timeZone: TimeZone
    private let isUTC: Bool
    /// The day that was last asked for, because nearly every question is about today.
    private let recent = Mutex<(start: Int64, end: Int64, day: CalendarDay)?>(nil)

    package static let utc = Zone(name: "UTC")!

    private static let known = Mutex<[String: Zone]>([:])

    /// The zone of this name, the same for all who ask for it; nil if there is no such zone. Many budgets share a zone.
    package static func shared(_ name: String) -> Zone? {
        if name == utc.name { return utc }
        return known.withLock { known in
            if let zone = known[name] { return zone }
            guard let zone = Zone(name: name) else { return nil }
            known[name] = zone
            return zone
        }
    }

    /// Nil if there is no such zone.
    package init?(name: String) {
        // Foundation's own list lacks names such as Asia/Kolkata, and Foundation accepts spellings that are not IANA's.
        let isPlain = name.utf8.allSatisfy { byte in
            byte != UInt8(ascii: ".") && (UInt8(ascii: "+")...UInt8(ascii: "z")).contains(byte)
        }
        guard name == "UTC" || (isPlain && name.contains("/") && name.utf8.count <= 64),
            let timeZone = TimeZone(identifier: name)
        else { return nil }
        self.name = name
        self.timeZone = timeZone
        isUTC = name == "UTC"
    }

    /// The moment at which `day` begins in this zone. If midnight is skipped, it is the first moment after it. If
    /// midnight occurs twice, it is the first one.
    package func start(of day: CalendarDay) -> Timestamp {
        if isUTC { return day.startUTC }
        let midnight = Int64(day.daysSince1970) * 86_400
        // No zone is ever more than 16 hours from UTC, and none changes its offset twice within the searched time.
        var before = midnight - Self.searchSeconds
        var after = midnight + Self.searchSeconds
        let first = offsetSeconds(at: before)
        let second = offsetSeconds(at: after)
        if first == second { return Timestamp(seconds: midnight - first) }
        while after - before > 1 {
            let middle = before + (after - before) / 2
            if offsetSeconds(at: middle) == first { before = middle } else { after = middle }
        }
        if midnight - first < after { return Timestamp(seconds: midnight - first) }
        return Timestamp(seconds: max(after, midnight - second))
    }

    /// The day in this zone at `moment`. A day that has begun never goes back: if clocks are set back over midnight,
    /// the repeated hour belongs to the new day, so that days follow each other without a gap.
    package func day(at moment: Timestamp) -> CalendarDay {
        if isUTC { return moment.day }
        let known = recent.withLock { $0 }
        if let known, known.start <= moment.microseconds, moment.microseconds < known.end { return known.day }
        let seconds = moment.microseconds.flooredQuotient(dividingBy: 1_000_000)
        var day = Timestamp(seconds: seconds + offsetSeconds(at: seconds)).day
        var next = CalendarDay(daysSince1970: day.daysSince1970 + 1)
        if start(of: next) <= moment {
            day = next
            next = CalendarDay(daysSince1970: day.daysSince1970 + 1)
        }
        let span = (start(of: day).microseconds, start(of: next).microseconds, day)
        recent.withLock { $0 = span }
        return day
    }

    private static let searchSeconds: Int64 = 26 * 3600

    func offsetSeconds(at seconds: Int64) -> Int64 {
        Int64(timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds))))
    }

    package static func == (left: Zone, right: Zone) -> Bool { left.name == right.name }
    package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
