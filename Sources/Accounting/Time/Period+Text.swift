/// The texts by which a period is stored and told.
extension Period {
    /// The names of the periods that begin by the calendar, and of the one that never ends.
    package static let names = ["hour", "day", "week", "month", "quarter", "year", "total"]

    /// `week`, or `minutes`, `hours` or `days` for `rolling`.
    package var name: String {
        switch self {
        case .hour: "hour"
        case .day: "day"
        case .week: "week"
        case .month: "month"
        case .quarter: "quarter"
        case .year: "year"
        case .total: "total"
        case .rolling(let rolling): rolling.unit.rawValue
        }
    }

    /// The period of this name that begins by the calendar as usual.
    package init?(name: String) {
        switch name {
        case "hour": self = .hour
        case "day": self = .day
        case "week": self = .week
        case "month": self = .month
        case "quarter": self = .quarter
        case "year": self = .year
        case "total": self = .total
        default: return nil
        }
    }

    /// The whole of it in one text: `week`, `week from sunday`, `year from 4`, `5 hours`.
    package var text: String {
        switch self {
        case .week(let start) where start != .monday: "week from \(start.rawValue)"
        case .quarter(let month) where month != 1, .year(let month) where month != 1: "\(name) from \(month)"
        case .rolling(let rolling): "\(rolling.count) \(rolling.unit.rawValue)"
        default: name
        }
    }

    /// Reads `text`.
    package init?(text: String) {
        let words = text.split(separator: " ").map(String.init)
        if words.count == 1, let period = Period(name: words[0]) {
            self = period
        } else if words.count == 2, let count = Int(words[0]), let unit = RollingPeriod.Unit(rawValue: words[1]),
            let rolling = RollingPeriod(count, unit)
        {
            self = .rolling(rolling)
        } else if words.count == 3, words[1] == "from", let period = Period(name: words[0])?.starting(on: words[2]) {
            self = period
        } else {
            return nil
        }
    }

    /// The period with another beginning: `monday` or `sunday` for a week, a month from 1 to 12 for a quarter or a year.
    /// Nil if it cannot begin there.
    package func starting(on start: String) -> Period? {
        switch self {
        case .week: return WeekStart(rawValue: start).map(Period.week)
        case .quarter, .year:
            guard let month = Int(start), Self.firstMonths.contains(month) else { return nil }
            return name == "year" ? .year(firstMonth: month) : .quarter(firstMonth: month)
        default: return nil
        }
    }

    /// Where the period begins, as `starting(on:)` reads it; nil where that is not asked.
    package var start: String? {
        switch self {
        case .week(let start): start.rawValue
        case .quarter(let month), .year(let month): String(month)
        default: nil
        }
    }

    /// Completes "has $5 left …".
    package var phrase: String {
        switch self {
        case .day: "today"
        case .total: "in all"
        case .rolling(let rolling) where rolling.count == 1: "in the last \(rolling.unit.rawValue.dropLast())"
        case .rolling(let rolling): "in the last \(rolling.count) \(rolling.unit.rawValue)"
        default: "this \(name)"
        }
    }
}
