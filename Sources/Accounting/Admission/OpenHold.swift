/// A hold that this replica made and whose end is not committed yet.
struct OpenHold: Sendable {
    let hold: Hold
    var verdict: Verdict
    /// When it expires, on the monotonic clock. `verdict.expiresAt` says the same to people, on the wall clock.
    var expiresAt: Timestamp
    /// Distinguishes a repeated request from a different request under the same id.
    let fingerprint: UInt64
    /// The hash of team and request id. `sameHash` is the place of an older hold with the same hash.
    let requestHash: UInt64
    var sameHash: Int?
    /// Whether a repeated request was answered with this hold. The hold must then stay.
    var isSharedWithRepeat = false
    /// How many ends of this hold are on their way to PostgreSQL.
    var endsUnderWay = 0
    /// By window, what a settlement above the hold has reserved in the lease on top of the hold.
    var reservedOverrun: [Int64: Int64] = [:]

    init(hold: Hold, verdict: Verdict, expiresAt: Timestamp, fingerprint: UInt64, requestHash: UInt64) {
        self.hold = hold
        self.verdict = verdict
        self.expiresAt = expiresAt
        self.fingerprint = fingerprint
        self.requestHash = requestHash
    }
}
