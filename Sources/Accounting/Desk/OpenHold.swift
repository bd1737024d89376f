/// A hold this replica made and whose end is not yet committed.
struct OpenHold: Sendable {
    let hold: Hold
    let verdict: Verdict
    /// Tells a repeated request from another one under the same id.
    let fingerprint: UInt64
    /// Of its team and request id, and where another hold has the same.
    let requestHash: UInt64
    var sameHash: Int?
    /// Whether a repeated request was answered with it, which must then stay.
    var isSharedWithRepeat = false
    /// How many ends of it are on the way to PostgreSQL.
    var endsUnderWay = 0
    /// What an overrun took out of the lease on top of the hold, by window.
    var securedOverrun: [Int64: Int64] = [:]

    /// The whole second at which it is to expire, or to be tried again, and its neighbours among those of that second.
    var dueSecond: Int64 = 0
    var before: Int?
    var after: Int?

    init(hold: Hold, verdict: Verdict, fingerprint: UInt64, requestHash: UInt64) {
        self.hold = hold
        self.verdict = verdict
        self.fingerprint = fingerprint
        self.requestHash = requestHash
    }
}
