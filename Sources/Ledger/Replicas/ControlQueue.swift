import Accounting

/// Maintains a replica's registration with PostgreSQL, one request at a time. The replica sends heartbeats, loads
/// configuration changes, registers anew when it was declared gone, hands over the holds of its former id, reads remote
/// updates, and does maintenance.
///
/// The queue itself neither waits nor does I/O: `next` returns the request to send, `took` processes its answer.
package struct ControlQueue: Sendable {
    package enum Request: Sendable {
        case heartbeat(replicaID: Int64, configurationVersion: Int64)
        /// Read the configuration and the rows of these windows.
        case load(replicaID: Int64, windowIDs: [Int64])
        case register
        case deregister(ReplicaRegistry.Handover)
        /// Read the remote updates for this replica since a time on PostgreSQL's clock.
        case readUpdates(replicaID: Int64, after: Timestamp)
        /// Do maintenance: end stuck batches, reclaim the leases of replicas that are gone, delete rows past their
        /// retention.
        case maintain
    }

    package enum Answer: Sendable {
        /// Nil: this replica was declared gone.
        case heartbeat(ReplicaRegistry.HeartbeatReply?)
        case loaded(Configuration, [WindowFacts])
        case registered(replicaID: Int64)
        case updates(ReplicaRegistry.RemoteUpdates)
        case done
        /// PostgreSQL was not reachable, or the request failed.
        case failed
    }

    private enum Step { case heartbeat, load, register, readUpdates, maintain }

    /// The next step of the current heartbeat cycle; nil between cycles.
    private var step: Step?
    private var isSent = false
    private var sentAtNanoseconds: Int64 = 0
    private var nextBeatAtNanoseconds: Int64 = 0
    private var isRaised = false
    private var lookedUntil = Timestamp(seconds: 0)
    /// The handover of this replica's former id; nil once PostgreSQL has stored it.
    private var handover: ReplicaRegistry.Handover?
    private var hasFailed = false
    private var answeredAtNanoseconds: Int64?

    package init() {}

    /// Whether PostgreSQL is reachable: the last request did not fail, and the last answer is no older than two
    /// heartbeat intervals plus one second.
    package func isReachable(at now: Moment) -> Bool {
        let silence = answeredAtNanoseconds.map { now.monotonicNanoseconds - $0 } ?? 0
        return !hasFailed && silence <= (2 * ReplicaRegistry.heartbeatSeconds + 1) * 1_000_000_000
    }

    /// Starts the next heartbeat cycle at once, because something has changed.
    mutating func beatNow() { isRaised = true }

    /// The latest time to call `next` again, on the monotonic clock; nil while an answer is awaited.
    package var wakeAtNanoseconds: Int64? {
        if isSent { return nil }
        return step != nil || isRaised ? 0 : nextBeatAtNanoseconds
    }

    mutating func next(_ engine: AdmissionEngine, configurationVersion: Int64, at now: Moment) -> Request? {
        guard let due = wakeAtNanoseconds, now.monotonicNanoseconds >= due else { return nil }
        if step == nil {
            (step, isRaised) = (.heartbeat, false)
            nextBeatAtNanoseconds = now.monotonicNanoseconds + ReplicaRegistry.heartbeatSeconds * 1_000_000_000
        }
        isSent = true
        sentAtNanoseconds = now.monotonicNanoseconds
        if let handover { return .deregister(handover) }
        switch step! {
        case .heartbeat: return .heartbeat(replicaID: engine.replicaID, configurationVersion: configurationVersion)
        case .load: return .load(replicaID: engine.replicaID, windowIDs: engine.openWindowIDs)
        case .register: return .register
        case .readUpdates: return .readUpdates(replicaID: engine.replicaID, after: lookedUntil)
        case .maintain: return .maintain
        }
    }

    /// What the core must do with an answer.
    enum Command {
        case nothing
        /// The heartbeat was acknowledged: move the fence. The lease time runs from when the heartbeat was sent.
        case acknowledged(sentAtNanoseconds: Int64)
        case fence
        case startAnew(replicaID: Int64, sentAtNanoseconds: Int64)
        case adopt(Configuration, [WindowFacts])
        case apply(ReplicaRegistry.RemoteUpdates)
    }

    mutating func took(_ answer: Answer, _ engine: AdmissionEngine, at now: Moment) -> Command {
        isSent = false
        if case .failed = answer {
            (step, hasFailed) = (nil, true)
            nextBeatAtNanoseconds = now.monotonicNanoseconds + 1_000_000_000
            return .nothing
        }
        (hasFailed, answeredAtNanoseconds) = (false, now.monotonicNanoseconds)
        switch answer {
        case .heartbeat(let reply?) where !reply.isOnNewTimeline:
            step = reply.configurationVersion > engine.configuration.version ? .load : .readUpdates
            return .acknowledged(sentAtNanoseconds: sentAtNanoseconds)
        case .heartbeat:
            step = .register
            return .fence
        case .registered(let replicaID):
            step = .heartbeat
            handover = ReplicaRegistry.Handover(of: engine)
            return .startAnew(replicaID: replicaID, sentAtNanoseconds: sentAtNanoseconds)
        case .loaded(let configuration, let facts):
            step = .heartbeat
            return .adopt(configuration, facts)
        case .updates(let updates):
            step = .maintain
            lookedUntil = max(lookedUntil, updates.until)
            return .apply(updates)
        case .done where handover != nil:
            handover = nil
            return .nothing
        case .done, .failed:
            step = nil
            return .nothing
        }
    }
}
