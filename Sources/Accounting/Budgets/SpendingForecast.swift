/// What a window will have spent at its end if every day goes on costing what its days so far have cost.
package struct SpendingForecast: Equatable, Sendable {
    package enum Course: Equatable, Sendable {
        case lasts
        /// The limit is reached at this moment of the window.
        case runsDry(Timestamp)
        /// The limit was reached before.
        case isDry
    }

    /// In the unit of the budget's limit, rounded down.
    package let spentAtEnd: Int64
    package let course: Course

    /// From this part of a window on, what it has spent says something of the rest.
    private static let knownParts: Int128 = 20

    /// Nil where too little is known: of a window without an end, before a twentieth of it has passed, and as long as
    /// nothing is spent.
    package init?(of window: WindowSpan, limit: Int64, spent: Int64, at now: Timestamp) {
        guard let end = window.end, window.contains(now), spent > 0 else { return nil }
        let length = Int128(end.microseconds) - Int128(window.start.microseconds)
        let elapsed = Int128(now.microseconds) - Int128(window.start.microseconds)
        guard elapsed > 0, elapsed * Self.knownParts >= length else { return nil }
        spentAtEnd = Int64(clamping: Int128(spent) * length / elapsed)
        guard spent < limit else {
            course = .isDry
            return
        }
        // Rounded up: nothing is said to be used up before it is.
        let untilDry = (elapsed * Int128(limit) + Int128(spent) - 1) / Int128(spent)
        course =
            untilDry < length
            ? .runsDry(Timestamp(microseconds: window.start.microseconds + Int64(untilDry))) : .lasts
    }
}
