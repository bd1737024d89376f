import Accounting

/// What a replica does about its standing with PostgreSQL, one request at a time: says that it lives, takes over changes
/// of configuration, registers anew where it was declared gone, hands over what it held, looks at what others have done.
///
/// It neither waits nor asks by itself: `next` says what to send, `took` takes in what came of it.
package struct ControlQueue: Sendable {
    package enum Request: Sendable {
        case heartbeat(replicaID: Int64, configurationVersion: Int64)
        /// Read the configuration and the rows of these windows.
        case load(replicaID: Int64, windowIDs: [Int64])
        case register
        case retire(ReplicaRegistry.Estate)
        /// What has concerned this replica since a time on PostgreSQL's clock.
        case look(replicaID: Int64, after: Timestamp)
        /// Take back the leases of the dead, and forget what need not be kept.
        case tidy
    }

    package enum Answer: Sendable {
        /// Nil: this replica was declared gone.
        case pulse(ReplicaRegistry.Pulse?)
        case loaded(Configuration, [WindowFacts])
        case registered(replicaID: Int64)
        case looked(ReplicaRegistry.News)
        case done
        /// The database was not reached, or did not do it.
        case failed
    }

    private enum Step { case heartbeat, load, register, look, tidy }

    /// The next step of a beat; nil between beats.
    private var step: Step?
    private var isSent = false
    private var sentAtNanoseconds: Int64 = 0
    private var nextBeatAtNanoseconds: Int64 = 0
    private var isRung = false
    private var lookedUntil = Timestamp(seconds: 0)
    /// What a replica leaves behind that this one was before, until it is handed over.
    private var estate: ReplicaRegistry.Estate?
    private var hasFailed = false
    private var answeredAtNanoseconds: Int64?

    package init() {}

    /// Whether PostgreSQL answers; a silence of more than two heartbeats says that it does not.
    package func isReachable(at now: Moment) -> Bool {
        let silence = answeredAtNanoseconds.map { now.monotonicNanoseconds - $0 } ?? 0
        return !hasFailed && silence <= (2 * ReplicaRegistry.heartbeatSeconds + 1) * 1_000_000_000
    }

    /// Something has changed: the next beat comes now.
    mutating func ring() { isRung = true }

    /// When `next` should be asked again at the latest; nil while an answer is awaited.
    package var wakeAtNanoseconds: Int64? {
        if isSent { return nil }
        return step != nil || isRung ? 0 : nextBeatAtNanoseconds
    }

    mutating func next(_ desk: Desk, configurationVersion: Int64, at now: Moment) -> Request? {
        guard let due = wakeAtNanoseconds, now.monotonicNanoseconds >= due else { return nil }
        if step == nil {
            (step, isRung) = (.heartbeat, false)
            nextBeatAtNanoseconds = now.monotonicNanoseconds + ReplicaRegistry.heartbeatSeconds * 1_000_000_000
        }
        isSent = true
        sentAtNanoseconds = now.monotonicNanoseconds
        if let estate { return .retire(estate) }
        switch step! {
        case .heartbeat: return .heartbeat(replicaID: desk.replicaID, configurationVersion: configurationVersion)
        case .load: return .load(replicaID: desk.replicaID, windowIDs: desk.openWindowIDs)
        case .register: return .register
        case .look: return .look(replicaID: desk.replicaID, after: lookedUntil)
        case .tidy: return .tidy
        }
    }

    /// What the core must do with an answer.
    enum Order {
        case nothing
        /// The fence moves: the lease time runs from when the heartbeat was sent.
        case acknowledged(sentAtNanoseconds: Int64)
        case fence
        case startAnew(replicaID: Int64, sentAtNanoseconds: Int64)
        case adopt(Configuration, [WindowFacts])
        case hear(ReplicaRegistry.News)
    }

    mutating func took(_ answer: Answer, _ desk: Desk, at now: Moment) -> Order {
        isSent = false
        if case .failed = answer {
            (step, hasFailed) = (nil, true)
            nextBeatAtNanoseconds = now.monotonicNanoseconds + 1_000_000_000
            return .nothing
        }
        (hasFailed, answeredAtNanoseconds) = (false, now.monotonicNanoseconds)
        switch answer {
        case .pulse(let pulse?) where !pulse.isOnNewTimeline:
            step = pulse.configurationVersion > desk.configuration.version ? .load : .look
            return .acknowledged(sentAtNanoseconds: sentAtNanoseconds)
        case .pulse:
            step = .register
            return .fence
        case .registered(let replicaID):
            step = .heartbeat
            estate = ReplicaRegistry.Estate(of: desk)
            return .startAnew(replicaID: replicaID, sentAtNanoseconds: sentAtNanoseconds)
        case .loaded(let configuration, let facts):
            step = .heartbeat
            return .adopt(configuration, facts)
        case .looked(let news):
            step = .tidy
            lookedUntil = max(lookedUntil, news.until)
            return .hear(news)
        case .done where estate != nil:
            estate = nil
            return .nothing
        case .done, .failed:
            step = nil
            return .nothing
        }
    }
}
