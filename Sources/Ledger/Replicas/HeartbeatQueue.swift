import Accounting

/// Keeps a replica registered: sends its heartbeats, and registers it anew when it was declared gone, another server has
/// become the primary, or the database was restored from a backup.
///
/// Nothing else goes through this queue, so no other duty can delay a heartbeat. The queue itself neither waits nor does
/// I/O: `next` returns the request to send, `took` processes its answer.
package struct HeartbeatQueue: Sendable {
    package enum Request: Sendable {
        /// `last`: when PostgreSQL recorded the last heartbeat that it acknowledged, on its clock.
        case heartbeat(replicaID: Int64, configurationVersion: Int64, last: Timestamp?)
        /// Register anew, under an id above the former one.
        case register(formerID: Int64)
    }

    package enum Answer: Sendable {
        case acknowledged(ReplicaRegistry.HeartbeatReply)
        /// This replica was declared gone.
        case gone
        /// The database was restored from a backup: it lacks the last heartbeat that was acknowledged.
        case restored
        case registered(replicaID: Int64)
        /// PostgreSQL was not reachable, or the request failed.
        case failed
    }

    /// What the core must do with an answer.
    enum Command {
        case nothing
        /// The heartbeat was acknowledged: move the fence. The lease time runs from when the heartbeat was sent.
        case acknowledged(sentAtNanoseconds: Int64, newestVersion: Int64)
        case fence
        /// Fence, and forget what was computed for a database that had another past.
        case forget
        case startAnew(replicaID: Int64, sentAtNanoseconds: Int64)
    }

    private static let pauseAfterFailureNanoseconds: Int64 = 1_000_000_000

    private var mustRegister = false
    private var isSent = false
    private var sentAtNanoseconds: Int64 = 0
    private var nextBeatAtNanoseconds: Int64 = 0
    private var hasFailed = false
    /// When PostgreSQL recorded the last heartbeat that it acknowledged, on its clock.
    package private(set) var lastRecordedAt: Timestamp?
    private var answeredAtNanoseconds: Int64?

    package init() {}

    /// Whether PostgreSQL is reachable: the last request did not fail, and the last answer is no older than two
    /// heartbeat intervals plus one second.
    package func isReachable(at now: Moment) -> Bool {
        let silence = answeredAtNanoseconds.map { now.monotonicNanoseconds - $0 } ?? 0
        return !hasFailed && silence <= (2 * ReplicaRegistry.heartbeatSeconds + 1) * 1_000_000_000
    }

    /// Sends the next heartbeat at once, because it has something to report.
    mutating func beatNow() { nextBeatAtNanoseconds = 0 }

    /// Registers anew at once.
    mutating func registerNow() {
        mustRegister = true
        beatNow()
    }

    /// The latest time to call `next` again, on the monotonic clock; nil while an answer is awaited.
    package var wakeAtNanoseconds: Int64? { isSent ? nil : nextBeatAtNanoseconds }

    mutating func next(replicaID: Int64, configurationVersion: Int64, at now: Moment) -> Request? {
        guard let due = wakeAtNanoseconds, now.monotonicNanoseconds >= due else { return nil }
        (isSent, sentAtNanoseconds) = (true, now.monotonicNanoseconds)
        nextBeatAtNanoseconds = sentAtNanoseconds + ReplicaRegistry.heartbeatSeconds * 1_000_000_000
        if mustRegister { return .register(formerID: replicaID) }
        return .heartbeat(replicaID: replicaID, configurationVersion: configurationVersion, last: lastRecordedAt)
    }

    mutating func took(_ answer: Answer, at now: Moment) -> Command {
        isSent = false
        if case .failed = answer {
            hasFailed = true
            nextBeatAtNanoseconds = now.monotonicNanoseconds + Self.pauseAfterFailureNanoseconds
            return .nothing
        }
        (hasFailed, answeredAtNanoseconds) = (false, now.monotonicNanoseconds)
        switch answer {
        case .acknowledged(let reply) where !reply.isOnNewTimeline:
            lastRecordedAt = reply.recordedAt
            return .acknowledged(sentAtNanoseconds: sentAtNanoseconds, newestVersion: reply.configurationVersion)
        case .acknowledged, .gone:
            registerNow()
            return .fence
        case .restored:
            registerNow()
            return .forget
        case .registered(let replicaID):
            (mustRegister, lastRecordedAt) = (false, nil)
            beatNow()
            return .startAnew(replicaID: replicaID, sentAtNanoseconds: sentAtNanoseconds)
        case .failed: return .nothing
        }
    }
}
