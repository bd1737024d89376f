import Accounting

/// A query parameter that a report reads: a line at the top of its file.
///
///     -- parameter from: The first day | day
///     -- parameter group_by: What the lines are of | up to 2 of team, feature, tag:KEY
///     -- parameter model: These models alone | names
///
/// A report with `from` and `to` is of any days, one without them of a month alone.
package struct ReportParameter: Sendable {
    package enum Kind: Sendable, Equatable {
        case month, day, team
        /// Values of which one must match, separated by commas.
        case names
        /// Days, or Mondays, separated by commas.
        case days, mondays
        /// One value, taken whole: a tag's may have commas.
        case text
        /// One of some words.
        case choice([String])
        /// Up to so many of some words, separated by commas.
        case grouping([String], most: Int)
    }

    /// What a tag's parameters and groups begin with; `tag:KEY` stands for all of them.
    package static let tagPrefix = "tag:"
    package static let anyTag = "tag:KEY"

    package let name: String
    package let title: String
    package let kind: Kind

    /// What it accepts, as the file says it.
    package let accepts: String

    /// Nil where the line cannot be read.
    init?(_ text: Substring) {
        let halves = text.split(separator: ": ", maxSplits: 1)
        let parts = halves.count == 2 ? halves[1].split(separator: " | ", maxSplits: 1) : []
        guard parts.count == 2, let kind = Self.kind(parts[1]) else { return nil }
        (name, title, accepts) = (String(halves[0]), String(parts[0]), String(parts[1]))
        self.kind = kind
    }

    private static func kind(_ text: Substring) -> Kind? {
        func words(_ list: Substring) -> [String] { list.split(separator: ", ").map(String.init) }
        switch text {
        case "month": return .month
        case "day": return .day
        case "team": return .team
        case "names": return .names
        case "days": return .days
        case "mondays": return .mondays
        case "text": return .text
        default:
            if text.hasPrefix("one of ") { return .choice(words(text.dropFirst(7))) }
            let parts = text.split(separator: " ", maxSplits: 4)
            guard text.hasPrefix("up to "), parts.count == 5, let most = Int(parts[2]) else { return nil }
            return .grouping(words(text.dropFirst("up to \(most) of ".count)), most: most)
        }
    }

    /// Reads its value; nil where it is none. `expectation` says what it must be.
    package func values(_ text: String) -> [String]? {
        switch kind {
        case .month, .day, .team, .text: return [text]
        case .names: return Self.list(text)
        case .days: return Self.list(text).allSatisfy { CalendarDay(text: $0) != nil } ? Self.list(text) : nil
        case .mondays: return Self.list(text).allSatisfy(Self.isMonday) ? Self.list(text) : nil
        case .choice(let words): return words.contains(text) ? [text] : nil
        case .grouping(let words, let most):
            let chosen = Self.list(text)
            let isKnown = chosen.allSatisfy { word in
                words.contains(word) && word != Self.anyTag
                    || words.contains(Self.anyTag) && word.hasPrefix(Self.tagPrefix) && word != Self.tagPrefix
            }
            return isKnown && chosen.count <= most && Set(chosen).count == chosen.count ? chosen : nil
        }
    }

    private static func isMonday(_ text: String) -> Bool {
        // 1970 began on a Thursday.
        CalendarDay(text: text).map { ($0.daysSince1970 + 3).isMultiple(of: 7) } ?? false
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    /// Completes the sentence "must be …".
    package var expectation: String {
        switch kind {
        case .month: "a month, such as 2026-10"
        case .day: "a day, such as 2026-10-01"
        case .days: "days, such as 2026-10-01, separated by commas"
        case .mondays: "Mondays, such as 2026-10-05, separated by commas"
        case .team, .names, .text: "names, separated by commas"
        case .choice(let words): "one of \(words.joined(separator: ", "))"
        case .grouping(let words, let most):
            "up to \(most) of \(words.joined(separator: ", ")), each once, separated by commas"
        }
    }
}
