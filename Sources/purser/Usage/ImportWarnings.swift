import Wording

/// What the server warned of in the events of an import: each sentence once, with how many events it is about.
struct ImportWarnings {
    private static let maximumSentences = 50

    private var counts: [String: (events: Int64, firstLine: Int)] = [:]

    mutating func add(_ sentence: String, line: Int) {
        let before = counts[sentence] ?? (0, line)
        counts[sentence] = (before.events + 1, before.firstLine)
    }

    /// In the order of the first line that each is about.
    var lines: [String] {
        let sorted = counts.sorted { ($0.value.firstLine, $0.key) < ($1.value.firstLine, $1.key) }
        let shown = sorted.prefix(Self.maximumSentences).map { sentence, about in
            let others = about.events == 1 ? "" : " (and \(Phrase.count(about.events - 1, "event")) after it)"
            return "warning: line \(about.firstLine): \(sentence)\(others)"
        }
        let rest = sorted.count - shown.count
        return shown + (rest > 0 ? ["and \(Phrase.count(Int64(rest), "warning")) more"] : [])
    }
}
