import Accounting

/// Formats the time for header fields (RFC 9110, IMF-fixdate), at most once a second.
struct HTTPDate {
    private var seconds = Int64.min
    private var text: [UInt8] = []

    mutating func text(at now: Timestamp) -> [UInt8] {
        if now.seconds != seconds {
            seconds = now.seconds
            text = Array(Self.text(of: now).utf8)
        }
        return text
    }

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `days` begins with Thursday because 1 January 1970 was a Thursday.
    private static func text(of moment: Timestamp) -> String {
        let day = moment.day
        let (year, month, dayOfMonth) = day.parts
        let time = moment.seconds - Int64(day.daysSince1970) * 86_400
        let clock = [time / 3600, time / 60 % 60, time % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
        let date = "\(dayOfMonth < 10 ? "0" : "")\(dayOfMonth) \(months[month - 1]) \(year)"
        return "\(days[day.daysSince1970 % 7]), \(date) \(clock) GMT"
    }
}
