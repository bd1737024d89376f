extension Timestamp {
    /// Reads `2026-08-16`, which is the start of that day in UTC, or `2026-08-16T16:00:00Z`, in whole seconds and with
    /// any offset.
    package init?(dayOrTime text: some StringProtocol) {
        if let day = CalendarDay(text: text) {
            self = day.startUTC
        } else {
            guard !text.utf8.contains(UInt8(ascii: ".")) else { return nil }
            self.init(rfc3339: text)
        }
    }

    /// The day alone if it begins at this moment in UTC, otherwise RFC 3339.
    package var dayOrTime: String { day.startUTC == self ? day.description : description }

    package static let dayOrTimeExpectation =
        "a day, such as 2026-08-16, or a time in whole seconds with its offset, such as 2026-08-16T16:00:00Z"
}
