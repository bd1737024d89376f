import Accounting

/// Keeps a replica up to date with the others: reads remote updates, loads configuration changes, and hands over the
/// holds of the replica's former id.
///
/// The duties take turns, so that none keeps another waiting for longer than one request. The queue itself neither waits
/// nor does I/O: `next` returns the request to send, `took` processes its answer.
package struct ControlQueue: Sendable {
    package enum Request: Sendable {
        /// Read the configuration if its version differs from the one that this replica has, with the rows of the
        /// windows of changed budgets. `isWhole`: read all of it, because the database may have another past.
        case load(replicaID: Int64, isWhole: Bool)
        /// Hand over one portion.
        case deregister(ReplicaRegistry.Handover)
        /// Read the remote updates for this replica since a time on PostgreSQL's clock. Revocations are announced, and
        /// looked for only in case an announcement was lost, because that reads all leases of the replica.
        case readUpdates(replicaID: Int64, after: Timestamp, looksForRevocations: Bool)
    }

    package enum Answer: Sendable {
        /// Nil: the replica has the newest configuration already.
        case loaded(Configuration?, [WindowFacts])
        /// What is still to be handed over; nil if nothing is.
        case deregistered(ReplicaRegistry.Handover?)
        case updates(ReplicaRegistry.RemoteUpdates)
        /// PostgreSQL was not reachable, or the request failed.
        case failed
    }

    /// What the core must do with an answer.
    enum Command {
        case nothing
        case adopt(Configuration, [WindowFacts])
        case apply(ReplicaRegistry.RemoteUpdates)
    }

    private enum Duty: Int, CaseIterable { case readUpdates, load, deregister }

    private static let updateNanoseconds: Int64 = 2_000_000_000
    private static let revocationNanoseconds: Int64 = 10_000_000_000
    private static let pauseAfterFailureNanoseconds: Int64 = 1_000_000_000

    /// When each duty is due, on the monotonic clock; absent if it is not.
    private var dueAtNanoseconds: [Duty: Int64] = [.readUpdates: 0]
    private var sent: Duty?
    /// The duty that had the last turn.
    private var last = Duty.deregister
    /// A configuration change was announced while one was being loaded, which may lack it.
    private var mustLoadAgain = false
    private var mustLoadWhole = false
    private var isWholeLoadSent = false
    private var looksForRevocationsAtNanoseconds: Int64 = 0
    private var lookedUntil = Timestamp(seconds: 0)
    /// The handovers of this replica's former ids, the oldest first.
    private var handovers: [ReplicaRegistry.Handover] = []
    /// How many attempts to load the configuration have failed since the last success.
    package private(set) var failedLoads = 0

    package init() {}

    /// Looks for a newer configuration at once.
    mutating func loadNow() {
        dueAtNanoseconds[.load] = 0
        if sent == .load { mustLoadAgain = true }
    }

    /// Looks for everything at once, because announcements may have been lost.
    mutating func catchUp() {
        loadNow()
        dueAtNanoseconds[.readUpdates] = 0
        looksForRevocationsAtNanoseconds = 0
    }

    /// The replica goes on under another id, perhaps with another server as the primary: what the former id held is
    /// handed over, and the configuration is read anew.
    mutating func startAnew(_ handover: ReplicaRegistry.Handover) {
        handovers.append(handover)
        dueAtNanoseconds[.deregister] = 0
        (mustLoadWhole, isWholeLoadSent) = (true, false)
        lookedUntil = Timestamp(seconds: 0)
        loadNow()
    }

    /// The latest time to call `next` again, on the monotonic clock; nil while an answer is awaited.
    package var wakeAtNanoseconds: Int64? { sent == nil ? dueAtNanoseconds.values.min() : nil }

    mutating func next(replicaID: Int64, at now: Moment) -> Request? {
        guard sent == nil, let duty = nextDuty(at: now) else { return nil }
        (sent, last) = (duty, duty)
        dueAtNanoseconds[duty] = nil
        switch duty {
        case .readUpdates:
            dueAtNanoseconds[.readUpdates] = now.monotonicNanoseconds + Self.updateNanoseconds
            let looks = now.monotonicNanoseconds >= looksForRevocationsAtNanoseconds
            if looks { looksForRevocationsAtNanoseconds = now.monotonicNanoseconds + Self.revocationNanoseconds }
            return .readUpdates(replicaID: replicaID, after: lookedUntil, looksForRevocations: looks)
        case .load:
            (mustLoadAgain, isWholeLoadSent) = (false, mustLoadWhole)
            return .load(replicaID: replicaID, isWhole: mustLoadWhole)
        case .deregister: return .deregister(handovers[0])
        }
    }

    /// The first duty that is due, beginning after the one that had the last turn.
    private func nextDuty(at now: Moment) -> Duty? {
        let all = Duty.allCases
        return (1...all.count).lazy.map { all[(last.rawValue + $0) % all.count] }
            .first { dueAtNanoseconds[$0].map { now.monotonicNanoseconds >= $0 } ?? false }
    }

    mutating func took(_ answer: Answer, at now: Moment) -> Command {
        guard let duty = sent else { return .nothing }
        sent = nil
        switch answer {
        case .failed:
            dueAtNanoseconds[duty] = now.monotonicNanoseconds + Self.pauseAfterFailureNanoseconds
            if duty == .load { failedLoads += 1 }
            return .nothing
        case .loaded(let configuration, let facts):
            failedLoads = 0
            if mustLoadAgain { dueAtNanoseconds[.load] = 0 }
            guard let configuration else { return .nothing }
            if isWholeLoadSent { mustLoadWhole = false }
            return .adopt(configuration, facts)
        case .updates(let updates):
            lookedUntil = max(lookedUntil, updates.until)
            return .apply(updates)
        case .deregistered(let remaining):
            handovers[0...0] = remaining.map { [$0] } ?? []
            if !handovers.isEmpty { dueAtNanoseconds[.deregister] = 0 }
            return .nothing
        }
    }
}
