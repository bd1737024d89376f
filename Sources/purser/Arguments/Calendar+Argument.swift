import Accounting
import ArgumentParser

extension CalendarMonth {
    static func argument(_ text: String) throws -> CalendarMonth {
        guard let month = CalendarMonth(text: text) else { throw ValidationError("write a month as 2026-10") }
        return month
    }
}

extension CalendarDay {
    static func argument(_ text: String) throws -> CalendarDay {
        guard let day = CalendarDay(text: text) else { throw ValidationError("write a day as 2026-10-01") }
        return day
    }
}

extension Timestamp {
    /// Reads a moment with its UTC offset, or a day, which means the first moment of that day in UTC.
    static func argument(_ text: String) throws -> Timestamp {
        guard let moment = Timestamp(rfc3339: text) ?? CalendarDay(text: text)?.startUTC else {
            throw ValidationError("write a moment as 2026-10-01T12:00:00Z or a day as 2026-10-01")
        }
        return moment
    }
}
