import Accounting
import ArgumentParser
import JSON

/// When something ends: the end of a day, the end of a weekday, some time from now, or a moment.
enum Until: Equatable {
    /// The next day of this name, today among them; Monday is 0.
    case weekday(Int)
    case day(CalendarDay)
    case seconds(Int64)
    case moment(Timestamp)

    private static let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    private static let lengths: [Character: Int64] = ["h": 3_600, "d": 86_400, "w": 7 * 86_400]

    static func argument(_ text: String) throws -> Until {
        if let weekday = weekdays.firstIndex(of: text.lowercased()) { return .weekday(weekday) }
        if let day = CalendarDay(text: text) { return .day(day) }
        if let moment = Timestamp(rfc3339: text) { return .moment(moment) }
        if let length = text.last.flatMap({ lengths[$0] }), let count = Int64(text.dropLast()), (1...9_999) ~= count {
            return .seconds(count * length)
        }
        throw ValidationError(
            "write a weekday such as friday, a time from now such as 3d or 12h, a day as 2026-12-01, or a moment as 2026-12-01T12:00:00Z"
        )
    }

    /// The moment, where days are those of `zone`.
    func moment(in zone: Zone, at now: Timestamp) -> Timestamp {
        switch self {
        case .moment(let moment): return moment
        case .seconds(let seconds): return now.adding(seconds: seconds)
        case .day(let day): return Self.end(of: day, in: zone)
        case .weekday(let weekday):
            let today = zone.day(at: now)
            // The first of 1970 was a Thursday.
            let ahead = (weekday - (today.daysSince1970 + 3) % 7 + 7) % 7
            return Self.end(of: CalendarDay(daysSince1970: today.daysSince1970 + ahead), in: zone)
        }
    }

    private static func end(of day: CalendarDay, in zone: Zone) -> Timestamp {
        zone.start(of: CalendarDay(daysSince1970: day.daysSince1970 + 1))
    }
}

/// When something begins: with a day, or at a moment.
enum Beginning: Equatable {
    case day(CalendarDay)
    case moment(Timestamp)

    static func argument(_ text: String) throws -> Beginning {
        if let day = CalendarDay(text: text) { return .day(day) }
        guard let moment = Timestamp(rfc3339: text) else {
            throw ValidationError("write a day as 2026-12-01, or a moment as 2026-12-01T12:00:00Z")
        }
        return .moment(moment)
    }

    /// The moment, where days are those of the budget.
    func moment(of budget: JSONValue) throws(CommandFailure) -> Timestamp {
        switch self {
        case .moment(let moment): return moment
        case .day(let day): return try Zone(of: budget).start(of: day)
        }
    }
}

extension Zone {
    /// Where the days of a budget begin, as the API tells it.
    convenience init(of budget: JSONValue) throws(CommandFailure) {
        guard let name = budget["time_zone"]?.string, Zone(name: name) != nil else {
            throw CommandFailure(.refused, "The budget's time zone is not known here; write a moment instead of a day.")
        }
        self.init(name: name)!
    }
}
