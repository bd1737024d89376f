extension Zone {
    private static let hourSeconds: Int64 = 3_600

    /// The hour on the clocks of this zone at `moment`. Where clocks are changed by a part of an hour, the hour before and
    /// the one after the change are shorter, so that hours still follow each other without a gap and begin as clocks
    /// strike.
    func hour(at moment: Timestamp) -> WindowSpan {
        let seconds = moment.microseconds.flooredQuotient(dividingBy: 1_000_000)
        let local = seconds + offsetSeconds(at: seconds)
        let sinceStroke = local - local.flooredQuotient(dividingBy: Self.hourSeconds) * Self.hourSeconds
        var start = seconds - sinceStroke
        var end = start + Self.hourSeconds
        if let change = change(after: start, upTo: seconds) { start = change }
        if let change = change(after: seconds, upTo: end) { end = change }
        return WindowSpan(start: Timestamp(seconds: start), end: Timestamp(seconds: end))
    }

    /// The first moment with the offset of `last`; nil if it is the offset of `first` too.
    private func change(after first: Int64, upTo last: Int64) -> Int64? {
        let offset = offsetSeconds(at: last)
        guard offsetSeconds(at: first) != offset else { return nil }
        var (before, after) = (first, last)
        while after - before > 1 {
            let middle = before + (after - before) / 2
            if offsetSeconds(at: middle) == offset { after = middle } else { before = middle }
        }
        return after
    }
}
