/// The page that is being filled.
struct OpenPage: Sendable {
    var bytes: [UInt8] = []
    var used = 0
    var first = Timestamp(seconds: 0)
    var last = Timestamp(seconds: 0)
    var latest = Timestamp(seconds: 0)
    var callCount: Int64 = 0
    var lastHoldNumber: Int64 = 0
    var kinds = CallKindNumbers()
    var users = NameNumbers()
    var texts = NameNumbers()

    /// A page with the memory of the one before.
    init(bytes: [UInt8] = []) { self.bytes = bytes }

    /// Makes room for a record, and returns how long after the last one it comes, in microseconds.
    mutating func begin(at now: Timestamp, bytes most: Int) -> Int64 {
        if used + most > bytes.count {
            bytes.append(contentsOf: repeatElement(0, count: max(most, bytes.count, 4_096)))
        }
        if used == 0 {
            bytes[0] = VerdictLog.form
            (used, first, last, latest) = (1, now, Timestamp(seconds: 0), now)
        }
        defer { (last, latest) = (now, max(latest, now)) }
        first = min(first, now)
        return now.microseconds - last.microseconds
    }
}
