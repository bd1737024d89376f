import Accounting

/// What a provider's file says of one thing on one day.
package struct ProviderLine: Sendable {
    package enum Kind: String, Sendable { case usage, credit, tax, rounding }

    /// Its place in the file, from 1: a line of CSV, a result of JSON.
    package var place: Int
    /// In UTC.
    package var day: CalendarDay
    /// The month that bills it, where the file names one: days at its edges may lie outside of it.
    package var billingMonth: CalendarMonth?
    /// Where the file itself names who served the call, as routers do.
    package var provider: String?
    /// As the provider calls it; nil where the file does not say it.
    package var model: String?
    /// What is billed, in the provider's own words, for people.
    package var label: String?
    package var part: UsagePart?
    package var quantity: ExactDecimal?
    /// Nil in reports of usage alone.
    package var amount: ExactDecimal?
    package var kind = Kind.usage
    /// The key, workspace or principal that was billed.
    package var account: String?
    package var serviceTier: String?

    package init(place: Int, day: CalendarDay) { (self.place, self.day) = (place, day) }
}

/// The parts of calls that both the daily sums and providers count. They are disjoint but for `prompt`, the whole of the
/// prompt, which some count alone.
package enum UsagePart: String, Sendable, CaseIterable {
    case input = "input_tokens"
    case cacheRead = "cache_read_tokens"
    case cacheWrite = "cache_write_tokens"
    case output = "output_tokens"
    case prompt = "prompt_tokens"
    /// What is not counted in tokens of text, such as searches.
    case other

    /// Finds the part in a provider's words, such as `cached input` or `CacheReadInputTokenCount`.
    init(words: String) {
        let text = words.lowercased().filter { $0.isLetter || $0.isNumber }
        func has(_ parts: String...) -> Bool { parts.contains { text.contains($0) } }
        if has("storage", "search", "image", "video", "audio", "session", "execution", "training") {
            self = .other
        } else if has("cachewrit", "cachecreat", "wrcache", "cachedwrite") {
            self = .cacheWrite
        } else if has("cach", "cchd"), !has("uncached") {
            self = .cacheRead
        } else if has("outp", "output", "opt", "completion") {
            self = .output
        } else if has("inp", "prompt") {
            self = .input
        } else {
            self = .other
        }
    }
}

/// What a provider's file says.
package struct ProviderFile: Sendable {
    package var lines: [ProviderLine] = []
    /// The days that the file tells of, those on which nothing was billed too.
    package var days: Set<CalendarDay> = []
    /// What was left out, and what the provider's numbers do not hold.
    package var warnings: [String] = []

    package init() {}

    mutating func add(_ line: ProviderLine) {
        days.insert(line.day)
        lines.append(line)
    }

    /// Whether anything in it has an amount.
    package var hasAmounts: Bool { lines.contains { $0.amount != nil } }
}

/// Why a provider's file cannot be read.
package struct ProviderFileFailure: Error, Equatable, CustomStringConvertible, Sendable {
    package let place: Int?
    package let detail: String

    init(_ detail: String, at place: Int? = nil) { (self.detail, self.place) = (detail, place) }

    package var description: String { (place.map { "at line \($0): " } ?? "") + detail }
}

/// Which model and part a meter of a provider means, where its name does not say it.
package struct ProviderMeter: Sendable, Hashable {
    package let model: String
    package let part: UsagePart

    package init(model: String, part: UsagePart) { (self.model, self.part) = (model, part) }
}
