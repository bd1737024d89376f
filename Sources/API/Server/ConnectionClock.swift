import NIOCore

/// Which limits of time a connection is under. It reads no clock, and nothing is scheduled while requests come: one
/// timer a connection asks `check` now and then.
struct ConnectionClock {
    /// The raw values are labels in the metrics.
    enum Limit: String, CaseIterable, Sendable {
        /// No request has come.
        case idle
        /// A request has not arrived whole.
        case request
        /// The client has taken nothing of what was written to it.
        case answer
    }

    enum Check: Equatable {
        case wait(until: NIODeadline)
        case over(Limit)
    }

    private let limits: ConnectionLimits
    private var quietSince: NIODeadline
    private var requestSince: NIODeadline?
    private var bodyBytes = 0
    private var unsentSince: NIODeadline
    private var unsentBytes = 0
    /// Whether something was written since the last check.
    private var hasWritten = false

    init(_ limits: ConnectionLimits, at now: NIODeadline) {
        self.limits = limits
        quietSince = now
        unsentSince = now
    }

    /// Whether a part of a request has come and not yet all of it.
    var isReceiving: Bool { requestSince != nil }

    mutating func beginRequest(at now: NIODeadline) { requestSince = now }

    mutating func takeBody(_ count: Int) { bodyBytes += count }
    mutating func endRequest() { (requestSince, bodyBytes) = (nil, 0) }
    mutating func write() { hasWritten = true }
    mutating func endAnswer(at now: NIODeadline) { (quietSince, hasWritten) = (now, true) }

    /// - Parameters:
    ///   - isReading: whether the server reads; while it does not, a client cannot send.
    ///   - isAnswering: whether the client waits for an answer.
    ///   - unsentBytes: what was written and the client's side has not taken.
    mutating func check(at now: NIODeadline, isReading: Bool, isAnswering: Bool, unsentBytes: Int) -> Check {
        // As much as before though more was written: the client has taken as much.
        if unsentBytes == 0 || unsentBytes != self.unsentBytes || hasWritten { unsentSince = now }
        (self.unsentBytes, hasWritten) = (unsentBytes, false)
        if requestSince != nil, !isReading { requestSince = now }

        // A limit that begins later than now ends later than this.
        var next = now + .seconds(Int64(min(limits.requestSeconds, limits.idleSeconds)))
        if unsentBytes > 0 {
            let end = unsentSince + .seconds(Int64(limits.idleSeconds))
            if end <= now { return .over(.answer) }
            next = min(next, end)
        }
        if let requestSince {
            let seconds = limits.requestSeconds + bodyBytes / ConnectionLimits.bodyBytesPerSecond
            let end = requestSince + .seconds(Int64(seconds))
            if end <= now { return .over(.request) }
            next = min(next, end)
        } else if !isAnswering, unsentBytes == 0 {
            let end = quietSince + .seconds(Int64(limits.idleSeconds))
            if end <= now { return .over(.idle) }
            next = min(next, end)
        }
        return .wait(until: next)
    }
}
