import Wording

/// A progress line that is rewritten in place on a terminal. Where standard error is no terminal, nothing is written.
struct ImportProgress {
    let file: InputFile
    var isShown = StandardError.isTerminal

    func show(events: Int64) {
        guard isShown else { return }
        StandardError.writeRaw("\r\u{1B}[K" + Self.text(events: events, bytesRead: file.bytesRead, size: file.size))
    }

    func clear() {
        if isShown { StandardError.writeRaw("\r\u{1B}[K") }
    }

    static func text(events: Int64, bytesRead: Int, size: Int?) -> String {
        guard let size, size > 0 else { return Phrase.count(events, "event") }
        return "\(Phrase.count(events, "event")), \(min(100, bytesRead * 100 / size))%"
    }
}
