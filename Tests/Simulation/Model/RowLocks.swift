/// How long transactions have a window's row, and so how long others wait for it. A fleet's run needs this, because there
/// all replicas want the row of one window. This is the one place that says what locks the row, and for how long.
struct RowLocks {
    /// From the lock of the row to the end of the commit, as measured (docs/scale.md).
    static let commitMicroseconds: Int64 = 2_500
    /// `lock_timeout` of a grant batch.
    static let patienceMicroseconds: Int64 = 200_000

    private var freeAtMicroseconds: [Int64: Int64] = [:]

    /// Takes those of the rows that nobody has, as a batch of entries does. The others it charges beside.
    mutating func takeFree(_ windows: [Int64], at now: Int64) {
        for window in windows where freeAtMicroseconds[window] ?? now <= now {
            freeAtMicroseconds[window] = now + Self.commitMicroseconds
        }
    }

    /// Takes the rows of `windows` in the order of the requests. Returns how long the transaction waits for them; nil if
    /// it does not wait so long, and then takes none.
    mutating func take(_ windows: [Int64], at now: Int64, waitingAtMost patience: Int64) -> Int64? {
        let begins = windows.map { freeAtMicroseconds[$0] ?? now }.max().map { max($0, now) } ?? now
        guard begins - now <= patience else { return nil }
        for window in windows { freeAtMicroseconds[window] = begins + Self.commitMicroseconds }
        return begins - now
    }
}
